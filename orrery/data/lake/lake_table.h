#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orrery/data/lake/delta_log.h"
#include "orrery/data/lake/delta_schema.h"
#include "orrery/data/lake/lake_files.h"
#include "orrery/data/lake/row_filter.h"
#include "orrery/data/table.h"

namespace orrery {

/// What a table is: its columns, which of them name a fact, and how its files are laid out.
struct TableDefinition {
  std::string name;
  std::string description;
  DeltaSchema schema;
  std::vector<std::string> key;           ///< columns that name one fact; rows of equal keys are its versions
  std::vector<std::string> sort_by;       ///< the order of rows in every file
  std::vector<std::string> partition_by;  ///< a folder for each of their values: text, whole number or date
};

/// How a table's files are written.
struct LakeTableOptions {
  DeltaLogOptions log = {};
  std::int64_t rows_per_group = 32 * 1024;         ///< the least that a read takes from a file
  std::int64_t rows_per_file = 4 * 1024 * 1024;    ///< a larger write makes several files
  std::int64_t small_file_rows = 2 * 1024 * 1024;  ///< a file of fewer rows is worth joining with others
};

/// What to read.
struct ScanRequest {
  std::vector<std::string> columns = {};      ///< empty: all, in the order of the table
  std::vector<RowFilter> where = {};          ///< conditions that all hold
  std::optional<std::int64_t> version = {};   ///< of the table; none: the latest
  std::optional<Timestamp> at = {};           ///< the table as committed at a moment
  std::int64_t rows_per_block = 1024 * 1024;  ///< about; memory goes with it
  int threads = 0;                            ///< 0: all cores; never changes what is read
};

/// Rows that come in blocks, so that a table may be larger than memory. Not thread-safe.
class LakeScan {
 public:
  virtual ~LakeScan() = default;
  /// Returns the next block, which has at least one row, or nothing at the end.
  /// Errors: kDataCorrupt, naming the file; kIo.
  virtual std::optional<Table> next() = 0;
  /// Returns a block without rows: the columns and their types.
  virtual Table empty() const = 0;
  /// Reads what is left into one table.
  Table rest();
};

/// A data file whose bytes are not those that were written.
struct DamagedFile {
  std::string path;
  std::string reason;
};

/// What a compaction did.
struct Compaction {
  std::size_t files_before = 0;  ///< that were joined
  std::size_t files_after = 0;
  std::int64_t rows = 0;
};

/// A table of a lake: a folder of Parquet files with a Delta Lake log. A write is there as a whole or not at
/// all, also after a power failure; writers of any number of processes may work at once. Rows in a file are
/// sorted, and files carry the range of every column, so that a read takes only the row groups it needs. Safe
/// to use from several threads.
class LakeTable {
 public:
  /// Makes an empty table. Errors: kAlreadyExists, kInvalidArgument for a definition that names columns which
  /// are not there.
  static void create(LakeFiles& files, const std::string& folder, const TableDefinition& definition,
                     const LakeTableOptions& options = {});

  /// `files` must outlive the table. Errors: kNotFound when there is no table.
  LakeTable(LakeFiles& files, std::string folder, LakeTableOptions options = {});

  /// Returns the definition as of the latest version.
  TableDefinition definition();
  /// Returns the latest version's number.
  std::int64_t version();
  DeltaLog& log() { return log_; }

  /// Adds rows and returns the new version. Columns that the rows lack are missing values; columns that the
  /// table lacks are an error, see add_columns. Nothing is committed for no rows.
  /// Errors: kInvalidArgument, naming the column.
  std::int64_t append(const Table& rows);

  /// Puts rows in the place of those that meet the conditions; of all without conditions.
  /// Errors: as append; kUnavailable when another writer changed those rows meanwhile.
  std::int64_t overwrite(const Table& rows, const std::vector<RowFilter>& where = {});

  /// Adds columns that may be missing; rows of before have no value there. Those that are there already are
  /// passed over. Errors: kInvalidArgument when one is there with another type.
  void add_columns(const std::vector<DeltaField>& fields);

  /// Reads rows that meet the conditions, file by file, in no certain order.
  /// Errors: kNotFound for a column, version or time that is not there; kInvalidArgument.
  std::unique_ptr<LakeScan> scan(const ScanRequest& request);

  /// Reads rows in the table's order, over all files.
  std::unique_ptr<LakeScan> scan_sorted(const ScanRequest& request);

  /// Reads, of the rows that meet the conditions, the last one of each key in the table's order. Errors: as
  /// scan; kInternal for a table that is not sorted by its key.
  std::unique_ptr<LakeScan> scan_last_of_each_key(const ScanRequest& request);

  /// Joins small files into large, sorted ones; no row changes. Errors: kUnavailable when another writer
  /// removed one of the files meanwhile.
  Compaction compact();

  /// Removes files that no version committed after `before` needs, and the log before it, and returns how
  /// many. Versions older than that can't be read any more.
  std::size_t vacuum(Timestamp before);

  /// Reads every byte and returns the files that are damaged or missing.
  std::vector<DamagedFile> verify();

 private:
  std::shared_ptr<const DeltaState> state();
  std::shared_ptr<const DeltaState> state_for(const ScanRequest& request);
  std::unique_ptr<LakeScan> sorted_scan(std::shared_ptr<const DeltaState> state, const ScanRequest& request);
  std::vector<AddedFile> write_files(Table rows, const DeltaMetadata& metadata, bool data_change);
  Table other_rows(const AddedFile& file, const DeltaMetadata& metadata, const std::vector<RowFilter>& where);
  AddedFile write_file(const Table& rows, const DeltaMetadata& metadata,
                       std::map<std::string, std::optional<std::string>> partition, bool data_change);

  LakeFiles& files_;
  std::string folder_;
  LakeTableOptions options_;
  DeltaLog log_;
};

/// Reads the definition that stands in a table's log.
TableDefinition definition_of(const DeltaMetadata& metadata);

}  // namespace orrery
