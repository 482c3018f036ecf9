#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "orrery/app/study.h"
#include "orrery/data/membership.h"

namespace orrery {

/// Who belongs when, and how a report calls where that stands.
struct StudyMembers {
  std::vector<MembershipInterval> intervals;
  std::string source;    ///< a file's name, or a universe of the lake; "": nobody was named
  bool in_lake = false;  ///< the source is a universe of the lake
};

/// The members that the study's universe is held to; of a lake as they were known on each day. Errors: as
/// read_membership and read_lake_membership.
StudyMembers universe_members(const Study& study);

/// Who belonged to the index that a report tells about, in hindsight: `data.index_membership`, or else
/// `universe.membership`. Errors: as above.
StudyMembers index_members(const Study& study);

/// The version of the lake's table of members, where the study reads it.
std::optional<std::int64_t> members_version(const Study& study);

}  // namespace orrery
