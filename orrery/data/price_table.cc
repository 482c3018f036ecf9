#include "orrery/data/price_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/same_number.h"
#include "orrery/data/number_text.h"
#include "orrery/data/price_columns.h"
#include "orrery/data/price_rows.h"

namespace orrery {
namespace {

/// Infinities are what an adjusted close may come to; to be told apart from a text.
std::optional<double> infinity_of(std::string_view text) {
  if (text == "inf" || text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-inf" || text == "-Infinity") return -std::numeric_limits<double>::infinity();
  return std::nullopt;
}

}  // namespace

PriceTable::PriceTable(const std::filesystem::path& path) : table_(read_text_table(path)) {
  find_columns();
  read_instruments();
}

void PriceTable::find_columns() {
  const auto layout = find_history_columns(table_.header, table_.path);
  date_ = layout.date;
  symbol_ = layout.symbol;
  const std::pair<PriceColumn, Values> meanings[] = {
      {kOpen, &PriceHistory::open},         {kHigh, &PriceHistory::high},
      {kLow, &PriceHistory::low},           {kClose, &PriceHistory::close},
      {kVolume, &PriceHistory::volume},     {kAdjClose, &PriceHistory::adj_close},
      {kDividend, &PriceHistory::dividend}, {kSplitRatio, &PriceHistory::split_ratio}};
  for (const auto& [column, values] : meanings) {
    if (const auto at = layout.known[column]) columns_.emplace_back(values, *at);
  }
  if (layout.capital_gain) columns_.emplace_back(&PriceHistory::capital_gain, *layout.capital_gain);
}

void PriceTable::read_instruments() {
  std::vector<Date> days;
  days.reserve(table_.rows.size());
  for (std::size_t row = 0; row < table_.rows.size(); ++row) {
    const auto day = parse_price_date(table_.rows[row][date_]);
    if (!day) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("{} line {}: expected a day, found '{}'", table_.path.string(),
                                   table_.lines[row], table_.rows[row][date_]));
    }
    days.push_back(*day);
  }
  // Files that run from new to old are turned round, so that bars of one day stay in their order.
  std::vector<std::size_t> order(days.size());
  std::iota(order.begin(), order.end(), 0u);
  if (!days.empty() && days.front() > days.back()) std::reverse(order.begin(), order.end());
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return days[a] < days[b]; });
  std::map<std::string, TableInstrument> by_symbol;
  for (const auto row : order) {
    auto& instrument = by_symbol[symbol_ ? table_.rows[row][*symbol_] : ""];
    instrument.history.date.push_back(days[row]);
    instrument.rows.push_back(row);
    read_row(instrument, row);
  }
  for (auto& [symbol, instrument] : by_symbol) {
    instrument.symbol = symbol;
    instruments_.push_back(std::move(instrument));
  }
}

void PriceTable::read_row(TableInstrument& instrument, std::size_t row) const {
  for (const auto& [values, column] : columns_) (instrument.history.*values).push_back(number(row, column));
}

double PriceTable::number(std::size_t row, std::size_t column) const {
  const auto& text = table_.rows[row][column];
  double value = 0.0;
  if (parse_number(text, value) != NumberText::kNoNumber) return value;
  if (const auto infinity = infinity_of(trim(text))) return *infinity;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("{} line {}: expected a number in '{}', found '{}'", table_.path.string(),
                               table_.lines[row], table_.header[column], text));
}

void PriceTable::put(std::size_t instrument, const PriceHistory& repaired) {
  const auto& given = instruments_[instrument];
  for (const auto& [values, column] : columns_) {
    for (std::size_t row = 0; row < given.rows.size(); ++row) {
      const double value = (repaired.*values)[row];
      if (!is_same_number(value, (given.history.*values)[row]))
        table_.rows[given.rows[row]][column] = number_text(value);
    }
  }
}

void PriceTable::write(const std::filesystem::path& path) const {
  std::string text;
  const auto append = [&](const std::vector<std::string>& fields) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) text += ',';
      append_csv_field(fields[i], text);
    }
    text += '\n';
  };
  append(table_.header);
  for (const auto& row : table_.rows) append(row);
  write_file_atomically(path, text);
}

}  // namespace orrery
