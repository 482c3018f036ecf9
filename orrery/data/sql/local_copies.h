#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "orrery/data/lake/delta_state.h"
#include "orrery/data/lake/lake_files.h"

namespace orrery {

/// Data files of a lake that is not on this machine's disks, brought into a folder that nobody else may read
/// and that goes with this object: DuckDB reads paths. Memory holds a block at a time.
class LocalCopies {
 public:
  /// Errors: kIo; those of lake_files.
  explicit LocalCopies(const std::filesystem::path& lake);
  ~LocalCopies();
  LocalCopies(const LocalCopies&) = delete;
  LocalCopies& operator=(const LocalCopies&) = delete;

  /// Returns the folder, which has a folder for each table.
  const std::filesystem::path& folder() const { return folder_; }
  /// Brings the data files of a version. Errors: kDataCorrupt for one that is missing or of another size than
  /// the log says; kIo.
  void bring(const std::string& table, const DeltaState& state);

 private:
  std::unique_ptr<LakeFiles> files_;
  std::filesystem::path folder_;
};

}  // namespace orrery
