#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "orrery/data/lake/delta_actions.h"
#include "orrery/data/lake/lake_files.h"
#include "orrery/data/lake/lake_parquet.h"
#include "orrery/data/lake/row_filter.h"
#include "orrery/data/table.h"

namespace orrery {

/// The name under which the log keeps the fingerprint of a file's bytes.
inline constexpr const char* kFingerprintTag = "orrery.xxh3";

/// The name under which the log keeps the columns that a file's rows are sorted by.
inline constexpr const char* kSortedTag = "orrery.sorted";

/// The name under which the log keeps that no two rows of a file have equal keys.
inline constexpr const char* kDistinctKeysTag = "orrery.distinct_keys";

/// Writes names of columns as one text, as they stand in the log.
std::string sort_text(const std::vector<std::string>& columns);

/// Writes a partition's value as the log has it; nothing for a missing one. Row 0 of the column.
std::optional<std::string> partition_text(const Column& column);

/// Returns the one value that a partition column has in a file; nothing where it is missing.
/// Errors: kDataCorrupt for a text that is no value of the type.
std::optional<FilterValue> partition_value(const AddedFile& file, const DeltaField& field);

/// Whether rows of a file may meet all conditions, by its partition values and statistics. The conditions
/// must fit.
bool may_match(const AddedFile& file, const DeltaMetadata& metadata, const std::vector<RowFilter>& where);

/// A data file of a table, open for reading, with its partition columns.
class DataFile {
 public:
  /// Errors: kDataCorrupt when it is missing, of another size than the log says, or unreadable.
  DataFile(LakeFiles& files, const std::string& folder, const AddedFile& file, const DeltaMetadata& metadata);

  int groups() const { return reader_.groups(); }
  std::int64_t rows(int group) const { return reader_.rows(group); }
  std::optional<ValueRange> range(int group, const DeltaField& field) const;
  bool may_have_missing(int group, const DeltaField& field) const;
  /// Returns the row groups in which rows may meet all conditions.
  std::vector<int> matching_groups(const std::vector<RowFilter>& where) const;
  /// Whether it is certain that all rows of a row group meet all conditions. The conditions must fit.
  bool all_match(int group, const std::vector<RowFilter>& where) const;
  Table read(const std::vector<int>& groups, const std::vector<DeltaField>& fields, int threads = 0);

 private:
  bool is_partition(const std::string& column) const;

  const AddedFile& file_;
  const DeltaMetadata& metadata_;
  LakeFileReader reader_;
};

}  // namespace orrery
