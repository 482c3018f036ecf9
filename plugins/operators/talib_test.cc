// The operators of the `talib:` prefix against TA-Lib itself (testdata/talib_values.tsv, made by
// testdata/make_talib_values.py with TA-Lib 0.8.2).

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include "orrery/base/files.h"
#include "orrery/factor/compute.h"
#include "orrery/factor/operator.h"

namespace orrery {
namespace {

struct Line {
  std::string expression;
  std::vector<double> values;
};

std::vector<Line> read_values() {
  std::istringstream text(read_file("plugins/operators/testdata/talib_values.tsv"));
  std::vector<Line> result;
  for (std::string line; std::getline(text, line);) {
    if (line.empty() || line.front() == '#') continue;
    const auto tab = line.find('\t');
    result.push_back({line.substr(0, tab), {}});
    std::istringstream cells(line.substr(tab + 1) + ",");
    for (std::string cell; std::getline(cells, cell, ',');) {
      result.back().values.push_back(cell.empty() ? std::numeric_limits<double>::quiet_NaN()
                                                  : std::strtod(cell.c_str(), nullptr));
    }
  }
  return result;
}

MarketData market_of(const std::vector<Line>& lines) {
  MarketData market;
  const std::size_t rows = lines.front().values.size();
  market.symbols = {"S"};
  market.first_row = {0};
  market.last_row = {static_cast<int>(rows) - 1};
  for (std::size_t t = 0; t < rows; ++t) market.dates.push_back(Date{static_cast<std::int32_t>(t)});
  for (const Line& line : lines) {
    if (line.expression.size() != 2) continue;
    Panel panel(rows, 1);
    for (std::size_t t = 0; t < rows; ++t) panel(t, 0) = line.values[t];
    market.fields.emplace(line.expression.substr(1), std::move(panel));
  }
  return market;
}

/// TA-Lib takes variances as the mean of squares less the square of the mean, by sums from which the oldest
/// value is subtracted: where the values are all the same, an error of the size of the root of the last digit
/// of the squares remains there.
double absolute_tolerance(const std::string& expression) {
  const bool deviation =
      expression.find("STDDEV") != std::string::npos || expression.find("BBANDS") != std::string::npos;
  return deviation ? 2e-6 : 1e-9;
}

TEST(TalibOperators, SameValues) {
  const auto lines = read_values();
  const MarketData market = market_of(lines);
  std::size_t compared = 0;
  for (const Line& line : lines) {
    if (line.expression.size() == 2) continue;
    ++compared;
    const Panel found = compute_expression({"f", line.expression}, market, {Precision::kFloat64, 1, false});
    int failures = 0;
    for (std::size_t t = 0; t < line.values.size() && failures < 3; ++t) {
      const double expected = line.values[t];
      const double value = found(t, 0);
      const double tolerance = std::max(1e-9 * std::fabs(expected), absolute_tolerance(line.expression));
      if (std::isnan(expected) ? std::isnan(value) : std::fabs(value - expected) <= tolerance) continue;
      ++failures;
      ADD_FAILURE() << line.expression << ", row " << t << ": " << value << " instead of " << expected;
    }
  }
  EXPECT_GT(compared, 80u);
}

/// Every operator of the prefix is compared.
TEST(TalibOperators, AllOfThemStandInTheValues) {
  const auto lines = read_values();
  for (const auto& name : operator_registry().names()) {
    if (name.rfind("talib:", 0) != 0) continue;
    if (name.rfind("talib:CDL", 0) == 0) continue;  // compared in talib_candles_test.cc
    EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [&](const Line& line) {
      return line.expression.rfind(name + "(", 0) == 0;
    })) << name;
  }
}

}  // namespace
}  // namespace orrery
