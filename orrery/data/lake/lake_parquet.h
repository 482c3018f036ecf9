#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orrery/base/disk.h"
#include "orrery/data/lake/delta_schema.h"
#include "orrery/data/lake/row_filter.h"
#include "orrery/data/table.h"

namespace orrery {

/// Writes rows as the bytes of one Parquet file: zstd, statistics, a checksum on every page, row groups of
/// this many rows. Missing values become nulls. Numbers and days take the form of the schema's type where
/// they can. Errors: kInvalidArgument, naming the column, for values that its type can't hold.
std::string encode_parquet(const Table& table, const DeltaSchema& schema, std::int64_t rows_per_group);

/// A data file, open for reading some of its row groups. Not thread-safe.
class LakeFileReader {
 public:
  /// `place` names the file in messages. Errors: kDataCorrupt.
  LakeFileReader(std::unique_ptr<OpenFile> file, std::string place);
  ~LakeFileReader();
  LakeFileReader(LakeFileReader&&) noexcept;

  int groups() const;
  std::int64_t rows(int group) const;
  /// Returns the smallest and the largest value of a column in a row group, where the file says so.
  std::optional<ValueRange> range(int group, const DeltaField& field) const;
  /// Whether a row group may hold rows without a value in a column; true where the file does not say.
  bool may_have_missing(int group, const DeltaField& field) const;
  /// Reads row groups in the order given, with these columns; a column that the file lacks is missing in
  /// every row. Every page is held against its checksum. Errors: kDataCorrupt, kInvalidArgument for types
  /// that we don't read. `threads`: 0 for all cores.
  Table read(const std::vector<int>& groups, const std::vector<DeltaField>& fields, int threads = 0);

 private:
  struct State;
  struct Columns;
  Columns find(const std::vector<DeltaField>& fields) const;
  void read_values(const std::vector<int>& groups, const std::vector<DeltaField>& fields, int threads,
                   Columns& columns);

  std::unique_ptr<State> state_;
};

}  // namespace orrery
