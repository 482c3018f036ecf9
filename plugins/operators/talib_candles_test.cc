// TA-Lib's candlestick patterns against TA-Lib itself (testdata/talib_candles.tsv, made by
// testdata/make_talib_candles.py with TA-Lib 0.8.2): the same signal in every cell, on ties and beside
// missing rows too.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "orrery/base/files.h"
#include "orrery/factor/compute.h"
#include "orrery/factor/operator.h"

namespace orrery::talib_candles_test {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> result;
  std::istringstream stream(text + separator);
  for (std::string part; std::getline(stream, part, separator);) result.push_back(part);
  return result;
}

/// Prices of all series, and where each pattern has a signal: series * rows + row.
struct TalibCandles {
  MarketData market;
  std::map<std::string, std::map<std::size_t, double>> signals;

  bool whole(std::size_t row, std::size_t series) const {
    return std::all_of(market.fields.begin(), market.fields.end(),
                       [&](const auto& field) { return std::isfinite(field.second(row, series)); });
  }
};

/// The prices of each field, by series.
using PriceLines = std::map<std::string, std::vector<std::vector<double>>>;

/// Prices are floats, so that they are the same in any precision.
std::vector<double> prices_of(const std::vector<std::string>& cells, double unit) {
  std::vector<double> result;
  for (const std::string& cell : cells) {
    const double price = std::strtod(cell.c_str(), nullptr) / unit;
    result.push_back(cell.empty() ? kMissing : static_cast<double>(static_cast<float>(price)));
  }
  return result;
}

MarketData market_of(const PriceLines& lines) {
  MarketData market;
  const std::size_t series = lines.begin()->second.size();
  const std::size_t rows = lines.begin()->second.front().size();
  for (std::size_t i = 0; i < series; ++i) market.symbols.push_back(fmt::format("S{}", i));
  for (std::size_t t = 0; t < rows; ++t) market.dates.push_back(Date{static_cast<std::int32_t>(t)});
  market.first_row.assign(series, 0);
  market.last_row.assign(series, static_cast<int>(rows) - 1);
  for (const auto& [name, prices] : lines) {
    Panel panel(rows, series);
    for (std::size_t i = 0; i < series; ++i) {
      for (std::size_t t = 0; t < rows; ++t) panel(t, i) = prices[i][t];
    }
    market.fields.emplace(name, std::move(panel));
  }
  return market;
}

TalibCandles read_candles() {
  std::istringstream text(read_file("plugins/operators/testdata/talib_candles.tsv"));
  TalibCandles result;
  PriceLines prices;
  for (std::string line; std::getline(text, line);) {
    if (line.front() == '#') continue;
    const auto parts = split(line, '\t');
    const auto cells = split(parts[2], ',');
    const double number = std::strtod(parts[1].c_str(), nullptr);
    if (line.front() == '$') {
      prices[parts[0].substr(1)].push_back(prices_of(cells, number));
      continue;
    }
    for (const std::string& place : cells) {
      result.signals[parts[0]][std::strtoul(place.c_str(), nullptr, 10)] = number;
    }
  }
  result.market = market_of(prices);
  return result;
}

const TalibCandles& candles() {
  static const TalibCandles result = read_candles();
  return result;
}

bool is_pattern(const std::string& name) { return name.rfind("talib:CDL", 0) == 0; }

class TalibSignals : public ::testing::TestWithParam<Precision> {};

TEST_P(TalibSignals, TheSameSignalInEveryCell) {
  const MarketData& market = candles().market;
  for (const auto& [expression, signals] : candles().signals) {
    const Panel found = compute_expression({"f", expression}, market, {GetParam(), 1, false});
    int failures = 0;
    for (std::size_t i = 0; i < market.instruments(); ++i) {
      for (std::size_t t = 0; t < market.rows() && failures < 3; ++t) {
        const auto signal = signals.find(i * market.rows() + t);
        const double expected = signal != signals.end() ? signal->second : 0.0;
        const double value = found(t, i);
        if (candles().whole(t, i) ? value == expected : std::isnan(value)) continue;
        ++failures;
        ADD_FAILURE() << expression << ", series " << i << ", row " << t << ": " << value << " instead of "
                      << expected;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, TalibSignals,
                         ::testing::Values(Precision::kFloat32, Precision::kFloat64), [](const auto& test) {
                           return test.param == Precision::kFloat32 ? "Float32" : "Float64";
                         });

/// Every pattern is compared, and found often enough for that to mean something.
TEST(TalibPatterns, AllOfThemAreFound) {
  std::map<std::string, std::map<double, int>> counts;
  for (const auto& [expression, signals] : candles().signals) {
    for (const auto& [place, value] : signals) ++counts[expression.substr(0, expression.find('('))][value];
  }
  int patterns = 0;
  for (const auto& name : operator_registry().names()) {
    if (!is_pattern(name)) continue;
    ++patterns;
    EXPECT_TRUE(counts.contains(name)) << name;
    for (const auto& [value, count] : counts[name]) EXPECT_GE(count, 5) << name << " of " << value;
  }
  EXPECT_EQ(patterns, 61);
}

TEST(TalibPatterns, PenetrationIsTaken) {
  const auto& signals = candles().signals;
  const auto at = [&](const std::string& penetration) {
    return signals.at(fmt::format("talib:CDLEVENINGSTAR($o, $h, $l, $c, {})", penetration));
  };
  EXPECT_GT(at("0.0").size(), at("0.3").size());
  EXPECT_GT(at("0.3").size(), at("0.6").size());
  const Panel left_out = compute_expression({"f", "talib:CDLEVENINGSTAR($o, $h, $l, $c)"}, candles().market,
                                            {Precision::kFloat64, 1, false});
  for (const auto& [place, value] : at("0.3")) {
    EXPECT_EQ(left_out(place % candles().market.rows(), place / candles().market.rows()), value);
  }
}

}  // namespace
}  // namespace orrery::talib_candles_test
