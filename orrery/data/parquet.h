#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "orrery/data/date_column.h"
#include "orrery/data/table.h"

namespace orrery {

/// Texts by name that a Parquet file carries about itself.
using ParquetMetadata = std::map<std::string, std::string>;

/// Reads a Parquet file, all its columns or the named ones in the order asked for.
/// Types: date32 → Date; timestamps and date64 → Date when the column is called "date" (any case)
/// and `dates` asks for days, else int64 nanoseconds; every string type, dictionary-coded or not →
/// DictionaryStrings; integers → int64; bool → int64 0/1; double → double; float and half → float; decimals →
/// double. Missing: NaN in floating columns, code -1 in dictionaries; an integer column with nulls becomes
/// double (NaN there), a date column with nulls is refused. Columns of other types (nested ones) are an error
/// when asked for by name, else left out. `threads`: 0 for all cores; the result does not depend on it.
/// Errors: kNotFound (file, or a column, naming those there are), kDataCorrupt, kInvalidArgument.
Table read_parquet(const std::filesystem::path& path, const std::vector<std::string>& columns = {},
                   int threads = 0, DateColumn dates = DateColumn::kDays);

/// Writes a table as one Parquet file (zstd, statistics, dictionary coding but for floats, row groups of 128
/// Ki rows). The same table gives the same bytes: no time, host or thread count goes in. The file appears
/// whole or not at all. Date → date32, DictionaryStrings and strings → string; NaN stays NaN, code -1 becomes
/// null. `metadata` goes into the file's footer. Errors: kInvalidArgument (columns of unequal length or with
/// one name twice), kIo.
void write_parquet(const Table& table, const std::filesystem::path& path,
                   const ParquetMetadata& metadata = {});

/// Reads the texts that stand in a Parquet file's footer, Arrow's own among them.
/// Errors: kNotFound, kDataCorrupt.
ParquetMetadata read_parquet_metadata(const std::filesystem::path& path);

/// Writes a Parquet file piece by piece, for tables larger than memory. The first table fixes names and
/// types; every append becomes at least one row group. Not thread-safe.
class ParquetWriter {
 public:
  /// Nothing is visible at `path` before `close()`; without it the destructor removes what was written.
  explicit ParquetWriter(std::filesystem::path path);
  ~ParquetWriter();
  ParquetWriter(const ParquetWriter&) = delete;
  ParquetWriter& operator=(const ParquetWriter&) = delete;

  /// Errors: kInvalidArgument when names or types differ from the first table's, kIo.
  void append(const Table& table);

  /// Puts texts into the file's footer. Errors: kInvalidArgument before the first append.
  void add_metadata(const ParquetMetadata& metadata);

  /// Completes the file, flushes it to the disk and moves it into place. Errors: kIo; kInvalidArgument when
  /// nothing was appended.
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace orrery
