#pragma once

#include <vector>

#include "orrery/data/lake/delta_state.h"

namespace orrery {

/// A table's files by whether a fact may have several rows in them.
struct FilesByVersions {
  std::vector<const AddedFile*> single;    ///< every row is its fact's only one in the whole table
  std::vector<const AddedFile*> versions;  ///< a fact may have more; none of them lies in `single`
};

/// Sorts them apart by what the log says: a file without two rows of one key, whose range of a key column
/// meets no other file's, holds single rows. What is unknown counts as versions.
FilesByVersions files_by_versions(const DeltaState& state);

}  // namespace orrery
