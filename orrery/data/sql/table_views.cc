#include "orrery/data/sql/table_views.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/column_statistics.h"
#include "orrery/data/lake/data_file.h"
#include "orrery/data/sql/distinct_files.h"

namespace orrery {
namespace {

using Files = std::vector<const AddedFile*>;
using PartitionValues = std::map<std::string, std::optional<std::string>>;

/// Where a row stands, which decides between versions of equal times as reading in order does.
constexpr const char* kFilePosition = "file_index";
constexpr const char* kRowPosition = "file_row_number";

std::string quoted(std::string_view text, char mark) {
  std::string result(1, mark);
  for (const char c : text) {
    if (c == mark) result += mark;
    result += c;
  }
  return result + mark;
}

std::string type_name(DeltaType type) {
  switch (type) {
    case DeltaType::kLong:
      return "BIGINT";
    case DeltaType::kInteger:
      return "INTEGER";
    case DeltaType::kShort:
      return "SMALLINT";
    case DeltaType::kByte:
      return "TINYINT";
    case DeltaType::kBoolean:
      return "BOOLEAN";
    case DeltaType::kDouble:
      return "DOUBLE";
    case DeltaType::kFloat:
      return "REAL";
    case DeltaType::kDate:
      return "DATE";
    case DeltaType::kTimestamp:
      return "TIMESTAMPTZ";
    case DeltaType::kText:
    case DeltaType::kOther:
      break;
  }
  return "VARCHAR";
}

std::vector<DeltaField> shown_fields(const PinnedTable& table) {
  std::vector<DeltaField> shown;
  for (const auto& field : table.state->metadata.schema.fields) {
    if (field.type != DeltaType::kOther) shown.push_back(field);
  }
  return shown;
}

std::string select_list(const PinnedTable& table) {
  std::vector<std::string> columns;
  for (const auto& field : shown_fields(table)) {
    columns.push_back(fmt::format("CAST({0} AS {1}) AS {0}", sql_name(field.name), type_name(field.type)));
  }
  return fmt::format("{}", fmt::join(columns, ", "));
}

/// DuckDB reads a path as a pattern: its special letters stand in brackets.
std::string literal_pattern(const std::string& path) {
  std::string pattern;
  for (const char c : path)
    pattern += std::string_view("*?[").find(c) == std::string_view::npos ? std::string(1, c)
                                                                         : fmt::format("[{}]", c);
  return pattern;
}

std::string path_of(const PinnedTable& table, const AddedFile& file) {
  return (table.folder / file.path).lexically_normal().string();
}

/// Reads files of equal partition values; where some may lack columns, all are opened first.
std::string read_files(const PinnedTable& table, const Files& files, const PartitionValues& partition,
                       bool with_positions, bool may_lack_columns) {
  std::vector<std::string> paths;
  for (const auto* file : files) paths.push_back(literal_pattern(path_of(table, *file)));
  std::vector<std::string> names, columns;
  for (const auto& [name, value] : partition) {
    names.push_back(sql_text(name));
    columns.push_back(fmt::format("CAST({} AS {}) AS {}", value ? sql_text(*value) : "NULL",
                                  type_name(table.state->metadata.schema.at(name).type), sql_name(name)));
  }
  columns.insert(
      columns.begin(),
      names.empty() ? "*" : fmt::format("COLUMNS(name -> name NOT IN ({}))", fmt::join(names, ", ")));
  if (with_positions) columns.insert(columns.end(), {kFilePosition, kRowPosition});
  return fmt::format("SELECT {} FROM read_parquet({}, union_by_name = {}, hive_partitioning = false)",
                     fmt::join(columns, ", "), sql_list(paths), may_lack_columns && files.size() > 1);
}

/// No rows, but every column with its type.
std::string no_rows(const PinnedTable& table, bool with_positions) {
  std::vector<std::string> columns;
  for (const auto& field : shown_fields(table)) {
    columns.push_back(fmt::format("NULL::{} AS {}", type_name(field.type), sql_name(field.name)));
  }
  if (with_positions) {
    for (const auto* name : {kFilePosition, kRowPosition}) {
      columns.push_back(fmt::format("NULL::BIGINT AS {}", name));
    }
  }
  return fmt::format("SELECT {} WHERE false", fmt::join(columns, ", "));
}

/// Whether each file surely holds each column, so that nothing has to be filled in.
bool have_all_columns(const PinnedTable& table, const Files& files) {
  const auto& schema = table.state->metadata.schema;
  const auto fields = shown_fields(table);
  return std::all_of(files.begin(), files.end(), [&](const AddedFile* file) {
    if (!file->tags.contains(kFingerprintTag)) return false;  // another writer's statistics may tell less
    const auto counts = parse_statistics(file->statistics, schema).null_counts;
    return std::all_of(fields.begin(), fields.end(), [&](const DeltaField& field) {
      return counts.contains(field.name) || file->partition_values.contains(field.name);
    });
  });
}

/// Rows of some files, with the table's columns under its types and, if asked for, their positions.
std::string rows_of(const PinnedTable& table, const Files& files, bool with_positions) {
  std::map<PartitionValues, Files> parts;
  for (const auto* file : files) parts[file->partition_values].push_back(file);
  std::vector<std::string> selects;
  const bool may_lack_columns = files.empty() || !have_all_columns(table, files);
  if (may_lack_columns) selects.push_back(no_rows(table, with_positions));
  for (const auto& [partition, members] : parts) {
    selects.push_back(read_files(table, members, partition, with_positions, may_lack_columns));
  }
  return fmt::format("({})", fmt::join(selects, " UNION ALL BY NAME "));
}

/// The rows that were known, as a condition.
std::string known_condition(std::optional<Timestamp> known_by) {
  if (!known_by) return fmt::format("{} IS NOT NULL", kKnownTime);
  const auto nanoseconds = known_by->nanoseconds;
  const Timestamp microsecond{nanoseconds - ((nanoseconds % 1'000) + 1'000) % 1'000};  // files hold no less
  return fmt::format("{} <= TIMESTAMPTZ '{}'", kKnownTime, to_string(microsecond));
}

/// Of the versions of a fact the one known, then retrieved, then standing last.
std::string latest_only(const PinnedTable& table) {
  const auto definition = definition_of(table.state->metadata);
  std::vector<std::string> key, order;
  for (const auto& name : definition.key) key.push_back(sql_name(name));
  for (const auto* time : {kKnownTime, kRetrievedTime}) {
    if (definition.schema.find(time) != nullptr) order.push_back(fmt::format("{} DESC NULLS LAST", time));
  }
  for (const auto* position : {kFilePosition, kRowPosition})
    order.push_back(fmt::format("{} DESC", position));
  return fmt::format("QUALIFY row_number() OVER (PARTITION BY {} ORDER BY {}) = 1", fmt::join(key, ", "),
                     fmt::join(order, ", "));
}

}  // namespace

std::vector<std::string> data_files(const PinnedTable& table) {
  std::vector<std::string> paths;
  for (const auto& file : table.state->files) {
    paths.push_back(path_of(table, file));
    if (auto pattern = literal_pattern(paths.back()); pattern != paths.back()) {
      paths.push_back(std::move(pattern));
    }
  }
  return paths;
}

std::string all_rows(const PinnedTable& table, std::optional<Timestamp> known_by) {
  Files files;
  for (const auto& file : table.state->files) files.push_back(&file);
  return fmt::format("SELECT {} FROM {}{}", select_list(table), rows_of(table, files, false),
                     known_by ? " WHERE " + known_condition(known_by) : "");
}

std::string newest_rows(const PinnedTable& table, std::optional<Timestamp> known_by) {
  const auto files = files_by_versions(*table.state);
  const auto columns = select_list(table);
  const auto known = known_condition(known_by);
  std::vector<std::string> selects;
  if (!files.single.empty() || files.versions.empty()) {
    selects.push_back(
        fmt::format("SELECT {} FROM {} WHERE {}", columns, rows_of(table, files.single, false), known));
  }
  if (!files.versions.empty()) {
    selects.push_back(fmt::format("SELECT {} FROM {} WHERE {} {}", columns,
                                  rows_of(table, files.versions, true), known, latest_only(table)));
  }
  return fmt::format("{}", fmt::join(selects, " UNION ALL "));
}

std::string sql_name(std::string_view name) { return quoted(name, '"'); }

std::string sql_text(std::string_view text) { return quoted(text, '\''); }

std::string sql_list(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  for (const auto& text : texts) items.push_back(sql_text(text));
  return fmt::format("[{}]", fmt::join(items, ", "));
}

}  // namespace orrery
