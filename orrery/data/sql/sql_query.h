#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orrery/base/timestamp.h"

namespace arrow {
class RecordBatch;
class Schema;
}  // namespace arrow

namespace orrery {

/// A question to a lake.
struct SqlQuery {
  std::string sql;                      ///< DuckDB's SQL
  std::filesystem::path lake = "lake";  ///< a folder, or an address, whose named tables are copied first
  std::optional<Timestamp> as_of = {};  ///< what was known at this moment; absent: all
  int threads = 0;                      ///< 0: one a core
};

/// Rows that come in blocks, computed as they are asked for. Not thread-safe.
class SqlResult {
 public:
  virtual ~SqlResult() = default;
  /// Returns names and types of the columns.
  virtual std::shared_ptr<arrow::Schema> schema() const = 0;
  /// Returns the next block, or nullptr at the end. Errors: as run_sql.
  virtual std::shared_ptr<arrow::RecordBatch> next() = 0;
};

/// Answers a query over the tables of a lake, each at its version of now. Table NAME is a view of the latest
/// version of each fact that was known by `as_of`, NAME_history one of all versions known by then; a table
/// that has no known times (quarantine, fetches) has all its rows, and is not there as of a time. Nothing but
/// these views can be read, and nothing written: one statement that reads, before which others may make
/// views, macros and tables in memory. Look-ahead: none as of a time, given true known times. Errors:
/// kInvalidArgument with DuckDB's message for SQL that it refuses; kNotFound for a table or a lake that is
/// not there; kDataCorrupt for a data file, kIo for one that a vacuum took away meanwhile; kUnavailable where
/// DuckDB's library or memory is missing.
std::unique_ptr<SqlResult> run_sql(const SqlQuery& query);

}  // namespace orrery
