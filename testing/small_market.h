#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/base/random.h"
#include "orrery/market/market_data.h"

namespace orrery::testing {

inline constexpr double kNoBar = std::numeric_limits<double>::quiet_NaN();

/// Makes a market of weekdays from 2020-01-01 on, from raw closes by symbol (in ascending order); NaN: no
/// bar. Open, high, low and close are equal, every bar has `volume` shares, and there are no corporate
/// actions.
inline MarketData make_market(std::vector<std::pair<std::string, std::vector<double>>> closes,
                              double volume = 1e9) {
  MarketData market;
  const std::size_t rows = closes.front().second.size();
  for (Date date = make_date(2020, 1, 1); market.dates.size() < rows; date = date + 1) {
    if (weekday(date) < 5) market.dates.push_back(date);
  }
  const std::size_t columns = closes.size();
  Panel close(rows, columns);
  Panel volumes(rows, columns);
  market.present = MaskPanel(rows, columns, 0);
  market.dividend = Panel(rows, columns, 0.0);
  market.split_ratio = Panel(rows, columns, 1.0);
  market.first_row.assign(columns, -1);
  market.last_row.assign(columns, -1);
  for (std::size_t i = 0; i < columns; ++i) {
    market.symbols.push_back(closes[i].first);
    for (std::size_t t = 0; t < rows; ++t) {
      const double price = closes[i].second[t];
      if (std::isnan(price)) continue;
      close(t, i) = price;
      volumes(t, i) = volume;
      market.present(t, i) = 1;
      if (market.first_row[i] < 0) market.first_row[i] = static_cast<int>(t);
      market.last_row[i] = static_cast<int>(t);
    }
  }
  market.sectors.assign(columns, "");
  for (const char* name : {"open", "high", "low", "close"}) market.raw.emplace(name, close);
  market.raw.emplace("volume", std::move(volumes));
  market.fields = market.raw;
  return market;
}

/// Makes a market of geometric random walks with names S000, S001, … and a share `missing` of absent bars.
inline MarketData make_random_market(std::size_t rows, std::size_t columns, std::uint64_t seed,
                                     double missing = 0.0) {
  Random random(seed);
  std::vector<std::pair<std::string, std::vector<double>>> closes(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    closes[i].first = fmt::format("S{:03}", i);
    double price = 10.0 + 90.0 * random.uniform();
    for (std::size_t t = 0; t < rows; ++t) {
      price *= std::exp(0.02 * random.normal());
      const bool absent = random.uniform() < missing;
      closes[i].second.push_back(absent ? kNoBar : std::round(price * 100.0) / 100.0);
    }
  }
  return make_market(std::move(closes));
}

/// Makes every third name a perpetual future with funding at 00:00, 08:00 and 16:00 UTC of every session on
/// which it has a bar, at rates of either sign and marks about the close.
inline void add_random_funding(MarketData& market, std::uint64_t seed) {
  Random random(seed);
  const Panel& closes = market.raw_field("close");
  for (std::size_t t = 0; t < market.rows(); ++t) {
    for (const int hour : {0, 8, 16}) {
      for (std::size_t i = 0; i < market.instruments(); i += 3) {
        const double rate = std::round(random.normal() * 1e5) / 1e8;
        const double mark = closes(t, i) * (1.0 + 0.001 * random.normal());
        if (market.present(t, i) == 0) continue;
        const Timestamp moment{start_of(market.dates[t]).nanoseconds + hour * 3'600'000'000'000};
        market.funding.push_back({i, t, moment, rate, mark});
      }
    }
  }
}

/// Makes scores that depend on nothing: normal values where the market has a bar, NaN elsewhere.
inline Panel make_random_scores(const MarketData& market, std::uint64_t seed) {
  Random random(seed);
  Panel scores(market.rows(), market.instruments());
  for (std::size_t t = 0; t < market.rows(); ++t) {
    for (std::size_t i = 0; i < market.instruments(); ++i) {
      const double score = random.normal();
      if (market.present(t, i) != 0) scores(t, i) = score;
    }
  }
  return scores;
}

}  // namespace orrery::testing
