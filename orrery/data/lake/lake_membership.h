#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "orrery/data/lake/add_versions.h"
#include "orrery/data/lake/identities.h"
#include "orrery/data/lake/import_facts.h"
#include "orrery/data/lake/lake_view.h"
#include "orrery/data/membership.h"

namespace orrery {

inline constexpr const char* kMembershipTable = "membership";

/// What a file of members brought.
struct MembershipImport {
  std::size_t intervals = 0;
  std::size_t symbols = 0;
  AddedVersions events;  ///< two an interval, one where it has not ended
};

/// Takes a file of intervals (read_membership) into the table membership, as joining and leaving: an event at
/// the start of the first day with the symbol, and one of the first day without it, 00:00 UTC. Each is known
/// by the rule of known_time, on its day. What differs from what the lake has of the same source is a
/// correction and known from now on. Errors: as read_membership; kInvalidArgument for an empty name.
MembershipImport import_membership(Lake& lake, const std::filesystem::path& file, const std::string& universe,
                                   const FactSource& source);
/// The same of intervals that were read already.
MembershipImport import_membership(Lake& lake, const std::vector<MembershipInterval>& members,
                                   const std::string& universe, const FactSource& source);

/// One joining or leaving, as one version of it was known.
struct MembershipEvent {
  std::string symbol;
  Timestamp event, known;
  bool is_member = false;
};

/// Returns on which days each symbol belonged, in the eyes of each day's end (00:00 UTC of the next, when
/// that day's bars are known): of the events known by then the latest version of each, of those the last one
/// that has happened by that day. So an event that was known late shows late. `events`: of equal symbol,
/// event and known time a later one replaces the earlier. Intervals by symbol, ascending; what has not ended
/// ends in 9999. Look-ahead: none.
std::vector<MembershipInterval> members_as_known(std::vector<MembershipEvent> events);

/// Returns the same with all events known from the start: who belonged when, in hindsight.
std::vector<MembershipInterval> members_in_hindsight(std::vector<MembershipEvent> events);

/// Who belonged to a universe of a lake.
struct LakeMembership {
  std::vector<MembershipEvent> events;  ///< known to the view, by symbol, event and known time
  Identities names;                     ///< as the view knows them
  std::int64_t version = 0;
};

/// Errors: kNotFound without the table, or when the view knows nobody of that universe, with the universes
/// there are.
LakeMembership read_lake_membership(const LakeView& view, const std::string& universe);

}  // namespace orrery
