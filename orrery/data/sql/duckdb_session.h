#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "orrery/data/sql/duckdb_library.h"
#include "orrery/data/sql/sql_query.h"

namespace orrery::duckdb {

/// A database in memory with one connection.
class Session {
 public:
  /// Errors: kUnavailable; kIo.
  explicit Session(const std::vector<std::pair<std::string, std::string>>& settings);

  /// Runs statements of our own making. Errors: kInternal with DuckDB's message.
  void run(const std::string& sql);

  /// Runs the statement that reads, after those before it that make something; the session must outlive the
  /// result. Errors: kInvalidArgument with DuckDB's message, or for a statement that does anything else.
  std::unique_ptr<SqlResult> query(const std::string& sql);

 private:
  void check_explained(const std::string& sql, std::uint64_t statements);

  const Library& library_;
  Owned<Database> database_;
  Owned<Connection> connection_;
};

}  // namespace orrery::duckdb
