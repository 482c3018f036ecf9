#include "orrery/data/csv.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "orrery/base/files.h"
#include "orrery/base/spelling.h"
#include "orrery/data/column_name.h"
#include "orrery/data/number_text.h"
#include "orrery/data/table_file.h"
#include "orrery/data/text_file.h"

namespace orrery {
namespace {

std::vector<std::string> split_or_throw(std::string_view line, std::size_t number,
                                        const std::filesystem::path& path) {
  std::vector<std::string> fields;
  if (split_csv_line(line, fields)) return fields;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("{}, line {}: a quote is not closed", path.string(), number));
}

TextTable parse_csv(std::string_view text, const std::filesystem::path& path) {
  TextTable table;
  table.path = path;
  if (text.substr(0, 3) == kByteOrderMark) text.remove_prefix(3);
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto line = take_line(text);
    if (trim(line).empty()) continue;
    auto fields = split_or_throw(line, number, path);
    if (table.header.empty()) {
      table.header = std::move(fields);
    } else if (fields.size() != table.header.size()) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("{}, line {}: {} fields, but the header has {}", path.string(), number,
                                   fields.size(), table.header.size()));
    } else {
      table.rows.push_back(std::move(fields));
      table.lines.push_back(number);
    }
  }
  return table;
}

std::string cell_text(const std::vector<double>& values, std::size_t row) { return number_text(values[row]); }
std::string cell_text(const std::vector<float>& values, std::size_t row) {
  return std::isnan(values[row]) ? "" : fmt::format("{}", values[row]);
}
std::string cell_text(const std::vector<std::int64_t>& values, std::size_t row) {
  return std::to_string(values[row]);
}
std::string cell_text(const std::vector<Date>& values, std::size_t row) { return to_string(values[row]); }
std::string cell_text(const std::vector<std::string>& values, std::size_t row) { return values[row]; }
std::string cell_text(const DictionaryStrings& values, std::size_t row) {
  const std::int32_t code = values.codes[row];
  return code < 0 ? "" : values.dictionary[static_cast<std::size_t>(code)];
}

std::string cell_text(const Column& column, std::size_t row) {
  return std::visit([row](const auto& values) { return cell_text(values, row); }, column.values);
}

TextTable columns_as_text(const std::filesystem::path& path, DateColumn dates) {
  const auto source = read_table_file(path, 0, dates);
  TextTable table;
  table.path = path;
  for (const auto& column : source.columns) table.header.push_back(column.name);
  for (std::size_t row = 0; row < source.rows(); ++row) {
    auto& fields = table.rows.emplace_back();
    for (const auto& column : source.columns) fields.push_back(cell_text(column, row));
    table.lines.push_back(row + 1);
  }
  return table;
}

/// Appends the text of a quoted field that begins at `i`, and returns the position after its closing quote.
std::size_t take_quoted(std::string_view line, std::size_t i, std::string& field) {
  for (; i < line.size(); ++i) {
    if (line[i] == '"') {
      if (i + 1 == line.size() || line[i + 1] != '"') return i + 1;
      ++i;
    }
    field += line[i];
  }
  return std::string_view::npos;
}

}  // namespace

void append_csv_field(std::string_view text, std::string& out) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

bool split_csv_line(std::string_view line, std::vector<std::string>& fields, char delimiter) {
  const char* const blanks = delimiter == '\t' ? " " : " \t";
  std::size_t used = 0;
  bool more = true;
  for (std::size_t i = 0; more; ++used) {
    if (used == fields.size()) fields.emplace_back();
    fields[used].clear();
    const auto start = line.find_first_not_of(blanks, i);
    if (start != std::string_view::npos && line[start] == '"') {
      i = take_quoted(line, start + 1, fields[used]);
      if (i == std::string_view::npos) return false;
    }
    const auto comma = std::min(line.find(delimiter, i), line.size());
    fields[used] += trim(line.substr(i, comma - i));
    more = comma < line.size();
    i = comma + 1;
  }
  fields.resize(used);
  return true;
}

TextTable read_text_table(const std::filesystem::path& path, DateColumn dates) {
  if (is_table_file(path)) return columns_as_text(path, dates);
  return parse_csv(read_text_file(path), path);
}

std::optional<std::size_t> find_column(const TextTable& table, const std::vector<std::string>& names) {
  for (const auto& name : names) {
    for (std::size_t i = 0; i < table.header.size(); ++i) {
      if (fold_column_name(table.header[i]) == name) return i;
    }
  }
  return std::nullopt;
}

std::size_t find_text_column(const TextTable& table, const std::vector<std::string>& names) {
  if (const auto column = find_column(table, names)) return *column;
  throw user_error(ErrorCode::kNotFound,
                   fmt::format("{} has no column '{}'{}; it has: {}", table.path.string(), names.front(),
                               did_you_mean(names.front(), table.header), fmt::join(table.header, ", ")));
}

Error cell_fault(const TextTable& table, std::size_t row, std::size_t column, std::string_view problem) {
  return user_error(ErrorCode::kInvalidArgument,
                    fmt::format("{}, line {}, column '{}': {}, found '{}'", table.path.string(),
                                table.lines[row], table.header[column], problem, table.rows[row][column]));
}

Date day_at(const TextTable& table, std::size_t row, std::size_t column) {
  if (const auto day = parse_date(table.rows[row][column])) return *day;
  throw cell_fault(table, row, column, "YYYY-MM-DD is expected");
}

void write_csv(const Table& table, const std::filesystem::path& path) {
  std::string out;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (i > 0) out += ',';
    append_csv_field(table.columns[i].name, out);
  }
  out += '\n';
  for (std::size_t row = 0; row < table.rows(); ++row) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      if (i > 0) out += ',';
      append_csv_field(cell_text(table.columns[i], row), out);
    }
    out += '\n';
  }
  write_file_atomically(path, out);
}

}  // namespace orrery
