#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "orrery/base/random.h"
#include "orrery/market/market_data.h"

namespace orrery::testing {

/// Makes a market for factors: fields `a` and `b` (random walks), `c` (small whole numbers with many ties and
/// constant runs, also zero and negative). Some instruments start late or end early; `missing` of the rows
/// between are missing in all fields, half as many in one field alone. Instrument 0 is there from first to
/// last. There are four sectors; every ninth instrument has none.
inline MarketData make_factor_market(std::size_t rows, std::size_t instruments, std::uint64_t seed,
                                     double missing) {
  Random random(seed);
  MarketData market;
  for (std::size_t t = 0; t < rows; ++t) market.dates.push_back(Date{static_cast<std::int32_t>(t)});
  std::map<std::string, Panel, std::less<>> fields;
  for (const char* name : {"a", "b", "c"}) fields.emplace(name, Panel(rows, instruments));
  market.present = MaskPanel(rows, instruments, 0);
  for (std::size_t i = 0; i < instruments; ++i) {
    market.symbols.push_back(fmt::format("S{:03}", i));
    market.sectors.push_back(i % 9 == 8 ? "" : fmt::format("sector {}", (i * 7) % 4));
    const bool late = i > 0 && random.uniform() < 0.4;
    const bool early = i > 0 && random.uniform() < 0.3;
    const std::size_t first = late ? random.below(rows / 2) : 0;
    const std::size_t last = early ? rows / 2 + random.below(rows / 2) : rows - 1;
    market.first_row.push_back(static_cast<int>(first));
    market.last_row.push_back(static_cast<int>(last));
    double a = 10.0 + 90.0 * random.uniform();
    double b = 1e6 * random.uniform();
    double c = 0.0;
    for (std::size_t t = first; t <= last; ++t) {
      a *= std::exp(0.02 * random.normal());
      b *= std::exp(0.5 * random.normal() - 0.125);
      if (random.uniform() < 0.6) c = static_cast<double>(random.below(7)) - 3.0;
      const bool edge = t == first || t == last;
      if (!edge && random.uniform() < missing) continue;
      market.present(t, i) = 1;
      fields.at("a")(t, i) = a;
      fields.at("b")(t, i) = b;
      fields.at("c")(t, i) = c;
      if (!edge && random.uniform() < missing / 2) {
        fields.at(std::string(1, static_cast<char>('a' + random.below(3))))(t, i) =
            std::numeric_limits<double>::quiet_NaN();
      }
    }
  }
  market.fields = std::move(fields);
  return market;
}

/// Returns one instrument's rows of every field, from its first to its last row.
inline std::map<std::string, std::vector<double>> instrument_rows(const MarketData& market,
                                                                  std::size_t instrument) {
  std::map<std::string, std::vector<double>> result;
  for (const auto& [name, panel] : market.fields) {
    auto& rows = result[name];
    for (int t = market.first_row[instrument]; t <= market.last_row[instrument]; ++t) {
      rows.push_back(panel(static_cast<std::size_t>(t), instrument));
    }
  }
  return result;
}

/// Returns the first rows of a panel.
template <class T>
PanelT<T> first_rows(const PanelT<T>& panel, std::size_t rows) {
  PanelT<T> cut(rows, panel.columns());
  for (std::size_t t = 0; t < rows; ++t) std::copy_n(panel.row_data(t), panel.columns(), cut.row_data(t));
  return cut;
}

/// Cuts everything from row `rows` on away.
inline MarketData truncated(const MarketData& market, std::size_t rows) {
  MarketData result;
  result.dates.assign(market.dates.begin(), market.dates.begin() + static_cast<std::ptrdiff_t>(rows));
  result.symbols = market.symbols;
  result.sectors = market.sectors;
  result.first_row = market.first_row;
  for (const int last : market.last_row)
    result.last_row.push_back(std::min(last, static_cast<int>(rows) - 1));
  result.present = first_rows(market.present, rows);
  for (const auto& [name, panel] : market.fields) result.fields.emplace(name, first_rows(panel, rows));
  return result;
}

/// The same as it would be known if row `row` were the last: names end with their last bar by then, those
/// that have none yet are nowhere.
inline MarketData ended(const MarketData& market, std::size_t row) {
  MarketData result = truncated(market, row + 1);
  for (std::size_t i = 0; i < market.instruments(); ++i) {
    int& last = result.last_row[i];
    while (last >= result.first_row[i] && result.present(static_cast<std::size_t>(last), i) == 0) --last;
  }
  return result;
}

}  // namespace orrery::testing
