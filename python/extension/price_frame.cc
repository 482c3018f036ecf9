#include "python/extension/price_frame.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <numeric>
#include <optional>
#include <string>

#include "orrery/base/error.h"

namespace orrery::python {
namespace {

std::string field_name(std::string name) {
  if (name.starts_with('$')) name.erase(0, 1);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

std::vector<std::string> field_names(const ImportedTable& table) {
  auto names = table.column_names();
  std::transform(names.begin(), names.end(), names.begin(), field_name);
  return names;
}

std::size_t find_column(const std::vector<std::string>& names, std::initializer_list<const char*> accepted) {
  for (const auto* wanted : accepted) {
    const auto found = std::find(names.begin(), names.end(), wanted);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  }
  throw user_error(
      ErrorCode::kNotFound,
      fmt::format("the frame needs a column '{}'; its columns are: {} (an index of pandas counts only "
                  "when it has a name)",
                  *accepted.begin(), fmt::join(names, ", ")));
}

/// Ranks values: the distinct ones ascending, and for each given one its place among them.
template <class T>
std::vector<std::uint32_t> ranks_of(const std::vector<T>& values, std::vector<T>& distinct) {
  distinct = values;
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  std::vector<std::uint32_t> ranks(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto place = std::lower_bound(distinct.begin(), distinct.end(), values[i]);
    ranks[i] = static_cast<std::uint32_t>(place - distinct.begin());
  }
  return ranks;
}

void place_dates(const std::vector<std::int32_t>& days, PriceFrame& frame) {
  const auto [first, last] = std::minmax_element(days.begin(), days.end());
  std::vector<std::uint32_t> row_of_day(static_cast<std::size_t>(*last - *first) + 1, 0);
  for (const auto day : days) row_of_day[static_cast<std::size_t>(day - *first)] = 1;
  std::uint32_t rows = 0;
  for (std::size_t i = 0; i < row_of_day.size(); ++i) {
    if (row_of_day[i] == 0) continue;
    frame.market.dates.push_back({*first + static_cast<std::int32_t>(i)});
    row_of_day[i] = rows++;
  }
  frame.cells.row.resize(days.size());
  for (std::size_t i = 0; i < days.size(); ++i) {
    frame.cells.row[i] = row_of_day[static_cast<std::size_t>(days[i] - *first)];
  }
}

void place_symbols(const ImportedTable::Texts& texts, PriceFrame& frame) {
  const auto rank_of_code = ranks_of(texts.distinct, frame.market.symbols);
  frame.cells.column.resize(texts.codes.size());
  for (std::size_t i = 0; i < texts.codes.size(); ++i) {
    frame.cells.column[i] = rank_of_code[static_cast<std::size_t>(texts.codes[i])];
  }
}

void mark_present(PriceFrame& frame) {
  auto& market = frame.market;
  market.present = MaskPanel(market.rows(), market.instruments(), 0);
  market.first_row.assign(market.instruments(), static_cast<int>(market.rows()));
  market.last_row.assign(market.instruments(), -1);
  for (std::size_t i = 0; i < frame.cells.row.size(); ++i) {
    const std::size_t row = frame.cells.row[i];
    const std::size_t column = frame.cells.column[i];
    auto& mark = market.present(row, column);
    if (mark != 0) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("two rows for {} on {}; the second is row {} (counted from 0)",
                                   market.symbols[column], to_string(market.dates[row]), i));
    }
    mark = 1;
    market.first_row[column] = std::min(market.first_row[column], static_cast<int>(row));
    market.last_row[column] = std::max(market.last_row[column], static_cast<int>(row));
  }
}

void place_fields(const ImportedTable& table, const std::vector<std::string>& names, PriceFrame& frame) {
  auto& market = frame.market;
  for (std::size_t column = 0; column < names.size(); ++column) {
    if (!table.is_numeric(column)) continue;
    const auto [field, is_new] =
        market.fields.emplace(names[column], Panel(market.rows(), market.instruments()));
    if (!is_new) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("two columns of the frame are called '{}'", names[column]));
    }
    Panel& panel = field->second;
    table.for_each_number(column, [&](std::size_t i, double value) {
      panel(frame.cells.row[i], frame.cells.column[i]) = value;
    });
  }
}

/// A symbol's sector is that of its last row in the frame.
void place_sectors(const ImportedTable& table, const std::vector<std::string>& names, PriceFrame& frame) {
  const auto found = std::find(names.begin(), names.end(), "sector");
  if (found == names.end()) return;
  const auto sectors = table.texts(static_cast<std::size_t>(found - names.begin()));
  frame.market.sectors.resize(frame.market.instruments());
  for (std::size_t i = 0; i < sectors.codes.size(); ++i) {
    frame.market.sectors[frame.cells.column[i]] =
        sectors.distinct[static_cast<std::size_t>(sectors.codes[i])];
  }
}

void add_mean_price(MarketData& market) {
  auto& fields = market.fields;
  if (fields.contains("vwap") || !fields.contains("high") || !fields.contains("low") ||
      !fields.contains("close"))
    return;
  const Panel& high = fields.at("high");
  const Panel& low = fields.at("low");
  const Panel& close = fields.at("close");
  Panel vwap(market.rows(), market.instruments());
  for (std::size_t row = 0; row < market.rows(); ++row) {
    for (std::size_t i = 0; i < market.instruments(); ++i) {
      vwap(row, i) = (high(row, i) + low(row, i) + close(row, i)) / 3.0;
    }
  }
  fields.emplace("vwap", std::move(vwap));
}

}  // namespace

PriceFrame place_frame(const ImportedTable& table) {
  const auto names = field_names(table);
  const std::size_t date = find_column(names, {"date", "datetime", "timestamp"});
  const std::size_t symbol = find_column(names, {"symbol", "instrument", "ticker"});
  if (table.rows() == 0) throw user_error(ErrorCode::kInvalidArgument, "the frame has no rows");
  PriceFrame frame;
  place_dates(table.days(date), frame);
  place_symbols(table.texts(symbol), frame);
  mark_present(frame);
  place_fields(table, names, frame);
  place_sectors(table, names, frame);
  add_mean_price(frame.market);
  return frame;
}

}  // namespace orrery::python
