// Alpha101 against an independent slow implementation (testdata/alpha101_values.tsv, made by
// make_alpha101_values.py from the paper's formulas by plain loops).

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "orrery/base/files.h"
#include "orrery/factor/compile.h"
#include "orrery/factor/executor.h"
#include "testing/factor_agreement.h"

namespace orrery::alpha101_oracle_test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double rounded(double value, double digits) { return std::floor(value * digits + 0.5) / digits; }

/// The same prices as `make_prices` in make_alpha101_values.py.
MarketData made_up_market() {
  constexpr std::size_t kRows = 300;
  constexpr std::size_t kNames = 8;
  std::uint64_t state = 20160119;
  const auto uniform = [&] {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state >> 33) / 2147483648.0;
  };
  MarketData market;
  for (std::size_t t = 0; t < kRows; ++t) market.dates.push_back(Date{static_cast<std::int32_t>(t)});
  for (const char* name : {"open", "high", "low", "close", "vwap", "volume"}) {
    market.fields.emplace(name, Panel(kRows, kNames));
  }
  market.present = MaskPanel(kRows, kNames, 0);
  const auto set = [&](const char* name, std::size_t t, std::size_t i, double value) {
    market.fields.find(name)->second(t, i) = value;
  };
  for (std::size_t i = 0; i < kNames; ++i) {
    const std::size_t first = i == 3 ? 30 : 0;
    market.symbols.push_back(fmt::format("S{}", i));
    market.sectors.push_back(std::to_string(i % 3));
    market.first_row.push_back(static_cast<int>(first));
    market.last_row.push_back(static_cast<int>(kRows) - 1);
    double close = 20.0 + 10.0 * static_cast<double>(i);
    for (std::size_t t = 0; t < kRows; ++t) {
      const double open = rounded(close * (1.0 + 0.02 * (uniform() - 0.5)), 100);
      close = rounded(open * (1.0 + 0.06 * (uniform() - 0.49)), 100);
      const double high = rounded(std::max(open, close) * (1.0 + 0.02 * uniform()), 100) + 0.01;
      const double low = rounded(std::min(open, close) * (1.0 - 0.02 * uniform()), 100) - 0.01;
      const double vwap = rounded(low + (high - low) * uniform(), 1000);
      const double first_draw = uniform();
      const double volume = std::floor(1000.0 + 99000.0 * first_draw * uniform());
      if (t < first) continue;
      market.present(t, i) = 1;
      set("open", t, i, open);
      set("high", t, i, high);
      set("low", t, i, low);
      set("close", t, i, close);
      set("vwap", t, i, vwap);
      set("volume", t, i, volume);
    }
  }
  return market;
}

struct Line {
  std::size_t alpha = 0;
  std::size_t row = 0;
  std::vector<double> values;
  std::vector<bool> settled;  ///< not decided by rounding
};

std::vector<Line> read_values() {
  std::istringstream text(read_file("orrery/factor/oracle/testdata/alpha101_values.tsv"));
  std::vector<Line> result;
  for (std::string line; std::getline(text, line);) {
    if (line.empty() || line.front() == '#') continue;
    std::istringstream parts(line);
    Line read;
    parts >> read.alpha >> read.row;
    std::string cells;
    parts.ignore(1);
    std::getline(parts, cells);
    std::istringstream by_comma(cells + ",");
    for (std::string cell; std::getline(by_comma, cell, ',');) {
      read.settled.push_back(cell.empty() || cell.front() != '~');
      if (!read.settled.back()) cell.erase(0, 1);
      read.values.push_back(cell.empty() ? kNan : std::strtod(cell.c_str(), nullptr));
    }
    result.push_back(read);
  }
  return result;
}

bool agree(double found, double expected) {
  if (!std::isfinite(found) || !std::isfinite(expected)) {
    return std::isnan(found) == std::isnan(expected) && std::isinf(found) == std::isinf(expected);
  }
  return std::fabs(found - expected) <= 1e-7 * std::max(1.0, std::fabs(expected));
}

TEST(Alpha101, SlowImplementationAgrees) {
  const MarketData market = made_up_market();
  const auto definitions = factor_set("alpha101");
  ASSERT_EQ(definitions.size(), 101u);
  const CompiledFactors factors = compile_factors(definitions, Precision::kFloat64, false);
  std::vector<Panel> results(definitions.size(), Panel(market.rows(), market.instruments()));
  BatchExecutor(factors, market, {}, kernels::available_instructions()).run(results, 1, silent_progress());
  std::map<std::size_t, int> wrong;
  std::map<std::size_t, std::string> first;
  std::size_t cells = 0;
  std::size_t unsettled = 0;
  for (const Line& line : read_values()) {
    ASSERT_EQ(line.values.size(), market.instruments());
    for (std::size_t i = 0; i < line.values.size(); ++i) {
      ++cells;
      // Ranks of values that are equal but for rounding: the script says which cells they decide.
      if (!line.settled[i]) {
        ++unsettled;
        continue;
      }
      const double found = results[line.alpha - 1](line.row, i);
      if (agree(found, line.values[i])) continue;
      if (wrong[line.alpha]++ == 0) {
        first[line.alpha] =
            fmt::format("row {}, instrument {}: {} instead of {}", line.row, i, found, line.values[i]);
      }
    }
  }
  EXPECT_EQ(cells, 101u * 7u * 8u);
  EXPECT_LE(unsettled, cells / 40);
  for (const auto& [alpha, count] : wrong)
    ADD_FAILURE() << definitions[alpha - 1].name << ": " << count << " of 56 cells, first " << first[alpha];
}

}  // namespace
}  // namespace orrery::alpha101_oracle_test
