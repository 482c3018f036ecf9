#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "orrery/base/progress.h"
#include "orrery/base/timestamp.h"
#include "orrery/data/lake/lake_files.h"
#include "orrery/data/lake/lake_table.h"

namespace orrery {

/// What of one table was copied.
struct TableCopy {
  std::string table;
  std::int64_t version = -1;          ///< that the copy now has; -1: it was left as it was
  std::int64_t earlier_version = -1;  ///< that it had; -1: it was not there
  std::size_t files_copied = 0;       ///< data files
  std::size_t files_there = 0;        ///< data files that the copy had already
  std::int64_t bytes_copied = 0;
  std::vector<DamagedFile> damaged;  ///< files that are not what the log says, for which nothing was copied
};

struct TableCopyOptions {
  std::optional<Timestamp> at = {};  ///< the last version that was committed by then; none: the latest
  /// Hold the files that the copy has already against their checksums, and put those that are damaged or
  /// missing back, also where the copy is ahead.
  bool mends = false;
};

/// Copies a table, with its history as far as the files are still there, to other files, where it has the
/// same folder. A copy that is there already, an earlier version of the same table, is brought forward; files
/// that it has are not written again. Every byte is held against its checksum on the way. The copy is a table
/// at every moment: it has the new version at once, after all data files of it are there; one that was
/// stopped is taken up by the next. Errors: kInvalidArgument when the copy is another table or is ahead;
/// kNotFound when there was no version at that time; kUnavailable when files go while they are copied; kIo.
TableCopy copy_table(LakeFiles& from, LakeFiles& to, const std::string& table,
                     const TableCopyOptions& options, Progress& progress);

/// Copies tables of a lake into another folder or store, which becomes a lake itself; all of them where none
/// is named. Tables that have no version as early as `options.at` are left out. Errors: as copy_table;
/// kNotFound for a table that is not there, before anything is copied, and when no table has a version as
/// early.
std::vector<TableCopy> copy_lake(const std::filesystem::path& from, const std::filesystem::path& to,
                                 std::vector<std::string> tables, const TableCopyOptions& options,
                                 Progress& progress);

}  // namespace orrery
