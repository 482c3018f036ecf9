#include "orrery/data/lake/data_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "orrery/base/error.h"
#include "orrery/data/lake/column_statistics.h"
#include "orrery/data/text_codes.h"

namespace orrery {
namespace {

LakeFileReader open(LakeFiles& files, const std::string& folder, const AddedFile& added) {
  const auto path = folder.empty() ? added.path : folder + "/" + added.path;
  const auto place = files.location(path);
  auto file = files.open(path);
  if (!file) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("a data file of the table is missing: {}", place));
  }
  if (file->size() != static_cast<std::uint64_t>(added.size)) {
    throw external_error(
        ErrorCode::kDataCorrupt,
        fmt::format("{} is damaged: it has {} bytes, the log says {}", place, file->size(), added.size));
  }
  return {std::move(file), place};
}

std::optional<FilterValue> parse_whole(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<FilterValue> parse_partition(const std::string& text, DeltaType type) {
  switch (type) {
    case DeltaType::kText:
      return text;
    case DeltaType::kDate: {
      const auto day = parse_date(text);
      return day ? std::optional<FilterValue>(std::int64_t{day->days}) : std::nullopt;
    }
    case DeltaType::kBoolean:
      return std::int64_t{text == "true"};
    case DeltaType::kTimestamp: {
      const auto moment = parse_timestamp(text);
      return moment ? std::optional<FilterValue>(moment->nanoseconds) : std::nullopt;
    }
    case DeltaType::kDouble:
    case DeltaType::kFloat:
    case DeltaType::kOther:
      return std::nullopt;
    default:
      return parse_whole(text);
  }
}

/// Returns a column that has one value in every row.
ColumnValues constant_values(const std::optional<FilterValue>& value, const DeltaField& field,
                             std::size_t rows) {
  if (!value) return missing_values(field, rows);
  if (const auto* text = std::get_if<std::string>(&*value)) {
    return repeated_text(rows, *text);
  }
  const auto whole = std::get<std::int64_t>(*value);
  if (field.type == DeltaType::kDate) return std::vector<Date>(rows, Date{static_cast<std::int32_t>(whole)});
  return std::vector<std::int64_t>(rows, whole);
}

std::optional<ValueRange> constant_range(const std::optional<FilterValue>& value) {
  if (!value) return std::nullopt;
  return ValueRange{*value, *value};
}

bool names(const std::vector<std::string>& columns, const std::string& column) {
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

}  // namespace

std::string sort_text(const std::vector<std::string>& columns) {
  return fmt::format("{}", fmt::join(columns, ","));
}

std::optional<std::string> partition_text(const Column& column) {
  struct Writer {
    const std::string& name;
    std::optional<std::string> operator()(const DictionaryStrings& v) const {
      if (v.codes.front() < 0) return std::nullopt;
      return v.dictionary[static_cast<std::size_t>(v.codes.front())];
    }
    std::optional<std::string> operator()(const std::vector<std::string>& v) const { return v.front(); }
    std::optional<std::string> operator()(const std::vector<Date>& v) const {
      if (v.front() == kMissingDate) return std::nullopt;
      return to_string(v.front());
    }
    std::optional<std::string> operator()(const std::vector<std::int64_t>& v) const {
      if (v.front() == kMissingInteger) return std::nullopt;
      return fmt::format("{}", v.front());
    }
    std::optional<std::string> refuse() const {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("a table can't be partitioned by '{}': it holds fractions", name));
    }
    std::optional<std::string> operator()(const std::vector<double>&) const { return refuse(); }
    std::optional<std::string> operator()(const std::vector<float>&) const { return refuse(); }
  };
  return std::visit(Writer{column.name}, column.values);
}

std::optional<FilterValue> partition_value(const AddedFile& file, const DeltaField& field) {
  const auto found = file.partition_values.find(field.name);
  if (found == file.partition_values.end() || !found->second) return std::nullopt;
  auto value = parse_partition(*found->second, field.type);
  if (value) return value;
  throw external_error(ErrorCode::kDataCorrupt,
                       fmt::format("{}: the partition value of '{}' is no {}: '{}'", file.path, field.name,
                                   to_string(field.type), *found->second));
}

bool may_match(const AddedFile& file, const DeltaMetadata& metadata, const std::vector<RowFilter>& where) {
  if (where.empty()) return true;
  std::optional<FileStatistics> statistics;  // read once a column asks for them
  for (const auto& filter : where) {
    if (names(metadata.partition_columns, filter.column)) {
      const auto range = constant_range(partition_value(file, metadata.schema.at(filter.column)));
      if (!range || !may_match(filter, range)) return false;
      continue;
    }
    if (!statistics) statistics = parse_statistics(file.statistics, metadata.schema);
    const auto range = statistics->ranges.find(filter.column);
    if (range != statistics->ranges.end() && !may_match(filter, range->second)) return false;
  }
  return true;
}

DataFile::DataFile(LakeFiles& files, const std::string& folder, const AddedFile& file,
                   const DeltaMetadata& metadata)
    : file_(file), metadata_(metadata), reader_(open(files, folder, file)) {}

bool DataFile::is_partition(const std::string& column) const {
  return names(metadata_.partition_columns, column);
}

std::optional<ValueRange> DataFile::range(int group, const DeltaField& field) const {
  if (is_partition(field.name)) return constant_range(partition_value(file_, field));
  return reader_.range(group, field);
}

bool DataFile::may_have_missing(int group, const DeltaField& field) const {
  return is_partition(field.name) ? !partition_value(file_, field) : reader_.may_have_missing(group, field);
}

std::vector<int> DataFile::matching_groups(const std::vector<RowFilter>& where) const {
  std::vector<int> groups;
  for (int group = 0; group < reader_.groups(); ++group) {
    const bool may = std::all_of(where.begin(), where.end(), [&](const RowFilter& filter) {
      return orrery::may_match(filter, range(group, metadata_.schema.at(filter.column)));
    });
    if (may) groups.push_back(group);
  }
  return groups;
}

bool DataFile::all_match(int group, const std::vector<RowFilter>& where) const {
  return std::all_of(where.begin(), where.end(), [&](const RowFilter& filter) {
    const auto& field = metadata_.schema.at(filter.column);
    return !may_have_missing(group, field) && orrery::all_match(filter, range(group, field));
  });
}

Table DataFile::read(const std::vector<int>& groups, const std::vector<DeltaField>& fields, int threads) {
  std::vector<DeltaField> stored;
  std::size_t rows = 0;
  for (const int group : groups) rows += static_cast<std::size_t>(reader_.rows(group));
  for (const auto& field : fields) {
    if (!is_partition(field.name)) stored.push_back(field);
  }
  Table table = reader_.read(groups, stored, threads);
  Table result;
  std::size_t next = 0;
  for (const auto& field : fields) {
    if (is_partition(field.name)) {
      result.columns.push_back({field.name, constant_values(partition_value(file_, field), field, rows)});
    } else {
      result.columns.push_back(std::move(table.columns[next++]));
    }
  }
  return result;
}

}  // namespace orrery
