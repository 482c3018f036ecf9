#pragma once

#include <cstddef>
#include <cstdint>

#include "orrery/data/lake/lake.h"
#include "orrery/data/lake/new_versions.h"
#include "orrery/data/lake/provider_facts.h"

namespace orrery {

/// What became of rows on their way into a table.
struct AddedVersions {
  std::size_t added = 0;     ///< see NewVersions
  std::size_t same = 0;      ///< were there already
  std::size_t restated = 0;  ///< say something else than what is there, which stays as it was
  Table contradictions;      ///< not taken
  std::int64_t version = 0;  ///< of the table, now
};

/// Adds to a table what it does not have yet, by new_versions; the table is made where there is none, and
/// columns that it lacks are added. In one commit, none where nothing is new. Errors: as LakeTable::append.
AddedVersions add_versions(Lake& lake, const LakeRows& delivered);

}  // namespace orrery
