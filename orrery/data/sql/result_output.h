#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/data/sql/sql_query.h"

namespace orrery {

/// A column of a result, for a person.
struct ResultColumn {
  std::string name;
  std::string type;  ///< in SQL
  bool is_number = false;
};

/// The first and the last rows of a result, as texts.
struct ResultExcerpt {
  std::vector<ResultColumn> columns;
  std::vector<std::vector<std::string>> first;
  std::vector<std::vector<std::string>> last;  ///< empty where the first rows are all there are
  std::size_t rows = 0;                        ///< of the whole result
};

/// Takes the pieces of an output in their order.
using TextSink = std::function<void(std::string_view)>;

/// Reads a result to its end and keeps at most `most` rows of it, from both ends. Missing values are "NULL".
ResultExcerpt excerpt(SqlResult& result, std::size_t most);

/// Writes all rows as CSV (RFC 4180, with a line of names; a missing value is nothing, an empty text "") and
/// returns how many.
std::size_t write_csv(SqlResult& result, const TextSink& sink);

/// Writes all rows as a JSON list of objects, one a line, and returns how many.
std::size_t write_json(SqlResult& result, const TextSink& sink);

/// Writes all rows into a Parquet file (zstd), which appears whole or not at all, and returns how many.
/// Errors: kIo; kInvalidArgument for a type that Parquet lacks.
std::size_t write_parquet(SqlResult& result, const std::filesystem::path& path);

/// Writes all rows into an Arrow IPC file (Feather V2), which appears whole or not at all, and returns how
/// many. Errors: kIo.
std::size_t write_arrow(SqlResult& result, const std::filesystem::path& path);

}  // namespace orrery
