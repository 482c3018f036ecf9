#include "orrery/app/return_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/data/csv.h"
#include "orrery/data/number_text.h"

namespace orrery {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

[[noreturn]] void refuse_line(const TextTable& table, std::size_t row, const std::string& what) {
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("{}:{}: {}", table.path.string(), table.lines[row], what));
}

/// A table as numbers: a row for each date, a column for each name.
struct WideTable {
  std::vector<std::string> names;
  std::vector<std::string> dates;
  std::vector<std::vector<double>> rows;  ///< NaN for missing values
};

double read_cell(const TextTable& table, std::size_t row, const std::string& name, const std::string& text,
                 ReturnFileKind kind) {
  double value = kMissing;
  if (parse_number(text, value) == NumberText::kNoNumber) {
    refuse_line(table, row, fmt::format("{}: expected a number, found '{}'", name, text));
  }
  if (kind == ReturnFileKind::kPrices && value <= 0.0) {
    refuse_line(table, row, fmt::format("{}: a price must be above 0, found {}", name, text));
  }
  if (kind == ReturnFileKind::kReturns && value < -1.0) {
    refuse_line(table, row,
                fmt::format("{}: a return can't be below -1, found {} (are these percent?)", name, text));
  }
  return value;
}

WideTable read_columns(const TextTable& table, ReturnFileKind kind) {
  if (table.header.size() < 2) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{}: expected a date column and a column for each name, found {} column(s)",
                                 table.path.string(), table.header.size()));
  }
  WideTable wide;
  wide.names.assign(table.header.begin() + 1, table.header.end());
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const auto& cells = table.rows[row];
    if (row > 0 && !(wide.dates.back() < cells.front())) {
      refuse_line(table, row,
                  fmt::format("the dates must ascend; '{}' follows '{}'", cells.front(), wide.dates.back()));
    }
    wide.dates.push_back(cells.front());
    auto& numbers = wide.rows.emplace_back();
    for (std::size_t i = 1; i < cells.size(); ++i) {
      numbers.push_back(read_cell(table, row, table.header[i], cells[i], kind));
    }
  }
  return wide;
}

/// Reads a table with a row for each date and symbol, whatever their order; of two rows of one symbol and
/// date the later one counts.
WideTable read_bars(const TextTable& table, std::size_t symbols, ReturnFileKind kind) {
  const std::size_t dates = find_text_column(table, {"date"});
  const std::size_t values = kind == ReturnFileKind::kPrices
                                 ? find_text_column(table, {"adj_close", "adjclose", "adj close", "close"})
                                 : find_text_column(table, {"return", "ret"});
  std::map<std::string, std::map<std::string, double>> by_symbol;
  std::set<std::string> all_dates;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const auto& cells = table.rows[row];
    by_symbol[cells[symbols]][cells[dates]] = read_cell(table, row, cells[symbols], cells[values], kind);
    all_dates.insert(cells[dates]);
  }
  WideTable wide;
  wide.dates.assign(all_dates.begin(), all_dates.end());
  wide.rows.resize(wide.dates.size());
  for (const auto& [symbol, values_of] : by_symbol) {
    wide.names.push_back(symbol);
    for (std::size_t row = 0; row < wide.dates.size(); ++row) {
      const auto found = values_of.find(wide.dates[row]);
      wide.rows[row].push_back(found == values_of.end() ? kMissing : found->second);
    }
  }
  return wide;
}

WideTable read_wide(const std::filesystem::path& path, ReturnFileKind kind) {
  const TextTable table = read_text_table(path);
  for (std::size_t column = 0; column < table.header.size(); ++column) {
    if (table.header[column] == "symbol") return read_bars(table, column, kind);
  }
  return read_columns(table, kind);
}

/// Says which name begins last, where too little is left because of it.
std::string latest_name(const WideTable& wide) {
  std::size_t latest = 0, latest_row = 0;
  for (std::size_t name = 0; name < wide.names.size(); ++name) {
    std::size_t row = 0;
    while (row < wide.rows.size() && std::isnan(wide.rows[row][name])) ++row;
    if (row > latest_row) std::tie(latest, latest_row) = std::pair(name, row);
  }
  if (latest_row == 0) return {};
  return fmt::format(
      "; '{}' begins last, {}", wide.names[latest],
      latest_row == wide.rows.size() ? "and has no value at all" : "on " + wide.dates[latest_row]);
}

bool complete(const std::vector<double>& row) {
  return std::none_of(row.begin(), row.end(), [](double value) { return std::isnan(value); });
}

std::vector<double> change(const std::vector<double>& before, const std::vector<double>& after) {
  std::vector<double> returns(after.size());
  for (std::size_t i = 0; i < after.size(); ++i) returns[i] = after[i] / before[i] - 1.0;
  return returns;
}

WideTable select_names(const WideTable& wide, const std::vector<std::string>& names,
                       const std::filesystem::path& path) {
  WideTable selected;
  selected.names = names;
  selected.dates = wide.dates;
  selected.rows.resize(wide.rows.size());
  for (const auto& name : names) {
    const auto found = std::find(wide.names.begin(), wide.names.end(), name);
    if (found == wide.names.end()) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("{}: '{}' is none of its {} names{}", path.string(), name,
                                   wide.names.size(), did_you_mean(name, wide.names)));
    }
    const auto column = static_cast<std::size_t>(found - wide.names.begin());
    for (std::size_t row = 0; row < wide.rows.size(); ++row) {
      selected.rows[row].push_back(wide.rows[row][column]);
    }
  }
  return selected;
}

NamedReturns returns_of(const WideTable& wide, ReturnFileKind kind, const std::filesystem::path& path) {
  NamedReturns result;
  result.names = wide.names;
  result.table.names = wide.names.size();
  for (std::size_t row = kind == ReturnFileKind::kPrices ? 1 : 0; row < wide.rows.size(); ++row) {
    const auto returns =
        kind == ReturnFileKind::kPrices ? change(wide.rows[row - 1], wide.rows[row]) : wide.rows[row];
    if (!complete(returns)) {
      ++result.incomplete;
      continue;
    }
    if (result.table.periods == 0) result.first = wide.dates[row];
    result.last = wide.dates[row];
    result.dates.push_back(wide.dates[row]);
    result.table.values.insert(result.table.values.end(), returns.begin(), returns.end());
    ++result.table.periods;
  }
  if (result.table.periods >= 2) return result;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("{}: at least 2 periods with a return of every name are needed, found {} in {} rows{}",
                  path.string(), result.table.periods, wide.rows.size(), latest_name(wide)));
}

}  // namespace

NamedReturns read_returns(const std::filesystem::path& path, ReturnFileKind kind) {
  return returns_of(read_wide(path, kind), kind, path);
}

NamedReturns read_returns_of(const std::filesystem::path& path, ReturnFileKind kind,
                             const std::vector<std::string>& names) {
  return returns_of(select_names(read_wide(path, kind), names, path), kind, path);
}

std::vector<std::pair<std::string, double>> read_named_numbers(const std::filesystem::path& path) {
  const TextTable table = read_text_table(path);
  if (table.header.size() != 2) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{}: expected two columns, a name and a number, found {}", path.string(),
                                 table.header.size()));
  }
  std::vector<std::pair<std::string, double>> numbers;
  std::set<std::string> seen;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const auto& cells = table.rows[row];
    double value = kMissing;
    if (parse_number(cells[1], value) != NumberText::kNumber) {
      refuse_line(table, row, fmt::format("expected a number, found '{}'", cells[1]));
    }
    if (!seen.insert(cells[0]).second)
      refuse_line(table, row, fmt::format("'{}' stands here twice", cells[0]));
    numbers.emplace_back(cells[0], value);
  }
  return numbers;
}

std::vector<double> read_numbers_for(const std::filesystem::path& path, const std::vector<std::string>& names,
                                     double missing) {
  std::vector<double> values(names.size(), missing);
  for (const auto& [name, value] : read_named_numbers(path)) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("{}: '{}' is none of the {} names with returns{}", path.string(), name,
                                   names.size(), did_you_mean(name, names)));
    }
    values[static_cast<std::size_t>(found - names.begin())] = value;
  }
  return values;
}

}  // namespace orrery
