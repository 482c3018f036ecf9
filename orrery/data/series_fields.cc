#include "orrery/data/series_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "orrery/base/error.h"
#include "orrery/data/csv.h"
#include "orrery/data/number_text.h"
#include "orrery/data/price_columns.h"
#include "orrery/data/price_rows.h"

namespace orrery {
namespace {

const std::vector<std::string> kKnownDateNames = {"known", "known_date", "release_date", "realtime_start"};

/// What a table says when.
struct SeriesStatement {
  std::size_t row = 0;        ///< of the table
  std::size_t seen_from = 0;  ///< first session that may see it
  Date date;
  Date known;
};

Date date_at(const TextTable& table, std::size_t row, std::size_t column) {
  if (const auto date = parse_price_date(table.rows[row][column])) return *date;
  throw cell_fault(table, row, column, "a date such as 2026-01-31 is expected");
}

/// Reads when each row is about and known, in the order in which a later one replaces an earlier one.
std::vector<SeriesStatement> read_statements(const TextTable& table, const MarketData& market,
                                             std::size_t date_column,
                                             std::optional<std::size_t> known_column) {
  std::vector<SeriesStatement> statements;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    SeriesStatement statement;
    statement.row = row;
    statement.date = date_at(table, row, date_column);
    // Without a known day the value is held to be out once its day is over.
    statement.known = known_column ? date_at(table, row, *known_column) : statement.date + 1;
    if (statement.known < statement.date) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("{}, line {}: known on {}, before its date {}", table.path.string(),
                                   table.lines[row], to_string(statement.known), to_string(statement.date)));
    }
    statement.seen_from = market.lower_row(statement.known);
    statements.push_back(statement);
  }
  std::stable_sort(statements.begin(), statements.end(),
                   [](const SeriesStatement& a, const SeriesStatement& b) {
                     return a.seen_from != b.seen_from ? a.seen_from < b.seen_from : a.known < b.known;
                   });
  return statements;
}

/// A column's numbers by row, or nothing when it is none of numbers.
std::optional<std::vector<double>> numbers_of(const TextTable& table, std::size_t column) {
  std::vector<double> values(table.rows.size());
  bool any = false;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const NumberText kind = parse_number(table.rows[row][column], values[row]);
    if (kind == NumberText::kNoNumber) return std::nullopt;
    any = any || kind == NumberText::kNumber;
  }
  if (!any) return std::nullopt;
  return values;
}

Panel fill(const std::vector<SeriesStatement>& statements, const std::vector<double>& values,
           const MarketData& market) {
  Panel panel(market.rows(), market.instruments());
  double current = std::numeric_limits<double>::quiet_NaN();
  std::optional<Date> current_date;
  std::size_t next = 0;
  for (std::size_t row = 0; row < market.rows(); ++row) {
    for (; next < statements.size() && statements[next].seen_from <= row; ++next) {
      const double value = values[statements[next].row];
      const bool newer = !current_date || statements[next].date >= *current_date;
      if (value != value || !newer) continue;
      current = value;
      current_date = statements[next].date;
    }
    const auto cells = panel.row(row);
    std::fill(cells.begin(), cells.end(), current);
  }
  return panel;
}

/// Fama and French's factors are known only afterwards, and made anew with their past: no feature, unless the
/// file says from when on each value was known.
void refuse_factor_returns(const TextTable& table, bool says_when_known) {
  if (says_when_known || !find_column(table, {"smb"}) || !find_column(table, {"hml"})) return;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("{}, line 1: SMB and HML are returns of factor portfolios, which nobody knew on "
                  "their dates; they may explain a result (attribution.factors), never predict one",
                  table.path.string()));
}

}  // namespace

std::vector<std::string> add_series_fields(const std::filesystem::path& path, MarketData& market) {
  const auto table = read_text_table(path);
  const std::size_t date = find_text_column(table, {"date"});
  const auto known = find_column(table, kKnownDateNames);
  refuse_factor_returns(table, known.has_value());
  const auto statements = read_statements(table, market, date, known);
  std::vector<std::string> added;
  for (std::size_t column = 0; column < table.header.size(); ++column) {
    if (column == date || column == known) continue;
    const auto values = numbers_of(table, column);
    if (!values) continue;
    const std::string name = field_name(table.header[column]);
    if (!market.fields.emplace(name, Panel(0, 0)).second) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("{}, line 1: there is a field ${} already; give the column another name",
                                   path.string(), name));
    }
    market.fields.find(name)->second = fill(statements, *values, market);
    added.push_back(name);
  }
  if (added.empty()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{}: no column of numbers beside the dates", path.string()));
  }
  return added;
}

}  // namespace orrery
