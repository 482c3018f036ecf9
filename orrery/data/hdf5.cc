#include "orrery/data/hdf5.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/data/hdf5_file.h"
#include "orrery/data/hdf5_frames.h"
#include "orrery/data/quarantine.h"
#include "orrery/data/text_file.h"

namespace orrery {
namespace {

constexpr std::array<std::string_view, 3> kSuffixes = {".h5", ".hdf5", ".hdf"};
constexpr int kDeepestGroup = 16;  ///< groups may lead back to themselves

bool is_file_name(const std::filesystem::path& path) {
  return std::any_of(kSuffixes.begin(), kSuffixes.end(),
                     [&](std::string_view name) { return has_suffix(path, name); });
}

/// The file, and the place in it, "" where the path ends with the file.
std::optional<std::pair<std::filesystem::path, std::string>> split(const std::filesystem::path& path) {
  std::filesystem::path file;
  for (auto part = path.begin(); part != path.end(); ++part) {
    file /= *part;
    if (!is_file_name(*part) || std::filesystem::is_directory(file)) continue;
    std::string inside;
    for (++part; part != path.end(); ++part) {
      if (!part->empty()) inside.append("/").append(part->string());
    }
    return std::pair(file, inside);
  }
  return std::nullopt;
}

std::string inside(const std::string& group, const std::string& name) {
  return fmt::format("{}/{}", group == "/" ? "" : group, name);
}

/// What a group or a dataset is.
enum class Kind { kAppendable, kFixed, kOtherOfPandas, kRecords, kSeries, kGroup, kOther };

Kind kind_of(const Hdf5File& file, const std::string& object) {
  if (!file.is_group(object)) {
    if (!file.fields(object).empty()) return Kind::kRecords;
    return file.shape(object).size() == 1 && file.is_readable(object) ? Kind::kSeries : Kind::kOther;
  }
  const auto pandas = file.text_attribute(object, "pandas_type");
  if (!pandas) return Kind::kGroup;
  return *pandas == "frame_table" ? Kind::kAppendable
         : *pandas == "frame"     ? Kind::kFixed
                                  : Kind::kOtherOfPandas;
}

/// The datasets of a group that are columns: of one dimension, and all of one length.
std::vector<std::string> columns_in(const Hdf5File& file, const std::string& group) {
  std::vector<std::string> names;
  std::optional<std::size_t> rows;
  for (const auto& name : file.members(group)) {
    const auto object = inside(group, name);
    if (file.is_group(object) || kind_of(file, object) != Kind::kSeries) continue;
    const auto length = file.shape(object).front();
    if (rows.value_or(length) != length) return {};
    rows = length;
    names.push_back(name);
  }
  return names;
}

void find_tables(const Hdf5File& file, const std::string& group, int depth,
                 std::vector<std::string>& tables) {
  if (!columns_in(file, group).empty()) tables.push_back(group);
  for (const auto& name : file.members(group)) {
    const auto object = inside(group, name);
    if (!file.has(object)) continue;  // a link that leads nowhere
    const auto kind = kind_of(file, object);
    if (kind == Kind::kGroup && depth < kDeepestGroup) {
      find_tables(file, object, depth + 1, tables);
    } else if (kind == Kind::kAppendable || kind == Kind::kFixed || kind == Kind::kRecords) {
      tables.push_back(object);
    }
  }
}

std::string list(const std::vector<std::string>& tables) {
  if (tables.empty()) return "no table at all";
  std::vector<std::string> names;
  for (const auto& table : tables) names.push_back(printable(table));
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string choose(const Hdf5File& file, const std::string& wanted) {
  if (!wanted.empty() && file.has(wanted)) return wanted;
  std::vector<std::string> tables;
  find_tables(file, "/", 0, tables);
  if (wanted.empty() && tables.size() == 1) return tables.front();
  if (wanted.empty()) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("{} has {}; a path such as {}{} says which", file.path().string(), list(tables),
                    file.path().string(), tables.empty() ? "/NAME" : tables.front()));
  }
  throw user_error(ErrorCode::kNotFound, fmt::format("{} has no '{}'{}; it has: {}", file.path().string(),
                                                     wanted, did_you_mean(wanted, tables), list(tables)));
}

Table read_records(const Hdf5File& file, const std::string& dataset) {
  Table table;
  for (const auto& field : file.fields(dataset)) {
    if (!file.is_readable(dataset, field)) continue;
    auto array = file.read_field(dataset, field);
    if (array.shape.size() == 1) table.columns.push_back(column_of(field, std::move(array)));
  }
  return table;
}

Table read_columns(const Hdf5File& file, const std::string& group) {
  Table table;
  for (const auto& name : columns_in(file, group))
    table.columns.push_back(column_of(name, file.read(inside(group, name))));
  return table;
}

Error no_table(const Hdf5File& file, const std::string& object) {
  std::vector<std::string> tables;
  find_tables(file, "/", 0, tables);
  return user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("{} of {} is no table: neither a data frame of pandas nor a dataset of records nor a group "
                  "of columns of one length; there is {}",
                  object, file.path().string(), list(tables)));
}

Table read_object(const Hdf5File& file, const std::string& object) {
  switch (kind_of(file, object)) {
    case Kind::kAppendable:
      return read_appendable_frame(file, object);
    case Kind::kFixed:
      return read_fixed_frame(file, object);
    case Kind::kRecords:
      return read_records(file, object);
    case Kind::kGroup:
      return read_columns(file, object);
    default:
      throw no_table(file, object);
  }
}

}  // namespace

bool is_hdf5_path(const std::filesystem::path& path) { return split(path).has_value(); }

std::optional<std::filesystem::path> hdf5_file_of(const std::filesystem::path& path) {
  const auto parts = split(path);
  return parts ? std::optional(parts->first) : std::nullopt;
}

Table read_hdf5(const std::filesystem::path& path) {
  const auto parts = split(path).value_or(std::pair(path, std::string()));
  const Hdf5File file(parts.first);
  const auto object = choose(file, parts.second);
  auto table = read_object(file, object);
  if (table.columns.empty()) throw no_table(file, object);
  return table;
}

}  // namespace orrery
