// The operators of the `talib:` prefix against TA-Lib itself (testdata/talib_values.tsv and
// talib_functions.tsv, made by make_talib_values.py and make_talib_functions.py there with TA-Lib 0.8.2).

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "orrery/base/files.h"
#include "orrery/factor/compute.h"
#include "orrery/factor/operator.h"
#include "testing/python_interpreter.h"
#include "testing/temporary_folder.h"

namespace orrery::talib_test {
namespace {

struct Line {
  std::string expression;
  std::vector<double> values;
};

const std::array<std::string, 2> kFiles = {"plugins/operators/testdata/talib_values.tsv",
                                           "plugins/operators/testdata/talib_functions.tsv"};

std::vector<Line> read_values(const std::string& path) {
  std::istringstream text(read_file(path));
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

/// TA-Lib takes variances as the mean of squares less the square of the mean, and slopes likewise, by sums
/// from which the oldest value is subtracted: where the values are all the same, an error of the size of the
/// root of the last digit of the squares remains there, or of the last digit of the products (in degrees).
double absolute_tolerance(const std::string& expression) {
  const auto names = [&](const char* name) { return expression.find(name) != std::string::npos; };
  if (names("STDDEV") || names("BBANDS")) return 2e-6;
  return names("LINEARREG_ANGLE") ? 1e-7 : 1e-9;
}

/// The first row that differs from TA-Lib, or "" when there is none.
std::string first_difference(const Line& line, const MarketData& market) {
  const Panel found = compute_expression({"f", line.expression}, market, {Precision::kFloat64, 1, false});
  for (std::size_t t = 0; t < line.values.size(); ++t) {
    const double expected = line.values[t];
    const double value = found(t, 0);
    const double tolerance = std::max(1e-9 * std::fabs(expected), absolute_tolerance(line.expression));
    if (value == expected) continue;
    if (std::isnan(expected) ? std::isnan(value) : std::fabs(value - expected) <= tolerance) continue;
    return fmt::format("{}, row {}: {} instead of {}", line.expression, t, value, expected);
  }
  return "";
}

/// Functions whose values hang on the last digit now and then: the phase of MAMA (also a type of average) is
/// an angle of two differences that may both be nearly 0, STOCHRSI divides by the range of an RSI that may
/// barely move. TA-Lib's own values come from sums by subtraction there.
bool hangs_on_rounding(const std::string& expression) {
  return expression.find("MAMA(") != std::string::npos || expression.find("STOCHRSI(") != std::string::npos ||
         expression.find(", 7)") != std::string::npos;
}

TEST(TalibOperators, SameValues) {
  std::size_t compared = 0;
  for (const std::string& path : kFiles) {
    const auto lines = read_values(path);
    const MarketData market = market_of(lines);
    for (const Line& line : lines) {
      if (line.expression.size() == 2) continue;
      EXPECT_EQ(first_difference(line, market), "");
      ++compared;
    }
  }
  EXPECT_GT(compared, 450u);
}

/// The files of testdata/compare_talib.py, where $ORRERY_TALIB_VALUES names their folder
/// (talib_comparison_test.py does).
TEST(TalibOperators, SameValuesElsewhere) {
  const char* folder = std::getenv("ORRERY_TALIB_VALUES");
  if (folder == nullptr) GTEST_SKIP() << "ORRERY_TALIB_VALUES names no folder of values";
  std::size_t delicate = 0;
  std::size_t delicate_differences = 0;
  std::size_t compared = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const auto lines = read_values(file.path().string());
    const MarketData market = market_of(lines);
    for (const Line& line : lines) {
      if (line.expression.size() == 2) continue;
      const std::string difference = first_difference(line, market);
      ++compared;
      if (!hangs_on_rounding(line.expression)) {
        EXPECT_EQ(difference, "") << file.path();
        continue;
      }
      ++delicate;
      delicate_differences += difference.empty() ? 0 : 1;
    }
  }
  EXPECT_GT(compared, 1000u);
  EXPECT_LE(delicate_differences, delicate / 20) << "of " << delicate;
}

/// Every operator of the prefix is compared.
TEST(TalibOperators, AllOfThemStandInTheValues) {
  auto lines = read_values(kFiles[0]);
  for (Line& line : read_values(kFiles[1])) lines.push_back(std::move(line));
  for (const auto& name : operator_registry().names()) {
    if (name.rfind("talib:", 0) != 0) continue;
    if (name.rfind("talib:CDL", 0) == 0) continue;  // compared in talib_candles_test.cc
    EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [&](const Line& line) {
      return line.expression.rfind(name + "(", 0) == 0;
    })) << name;
  }
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream from(text);
  for (std::string line; std::getline(from, line);) {
    if (!line.empty() && line.front() != '#') result.push_back(line);
  }
  return result;
}

/// No function of TA-Lib is missing.
TEST(TalibOperators, EveryFunctionHasAnOperator) {
  const auto names = lines_of(read_file("plugins/operators/testdata/talib_names.txt"));
  EXPECT_GT(names.size(), 200u);
  for (const std::string& name : names) EXPECT_NE(find_operator("talib:" + name), nullptr) << name;
}

/// The committed list is that of the wheel, where the tree's Python has one.
TEST(TalibOperators, TheListIsTheWheels) {
  const testing::TemporaryFolder folder;
  const std::string path = (folder.path() / "names.txt").string();
  const std::string program = fmt::format(
      "{} -c \"import talib; open('{}', 'w').write('\\n'.join(sorted(talib.get_functions())))\" 2>/dev/null",
      std::getenv("ORRERY_PYTHON") != nullptr ? std::getenv("ORRERY_PYTHON") : "python3", path);
  if (std::system(program.c_str()) != 0) GTEST_SKIP() << "no TA-Lib in this Python";
  EXPECT_EQ(lines_of(read_file(path)), lines_of(read_file("plugins/operators/testdata/talib_names.txt")));
}

}  // namespace
}  // namespace orrery::talib_test
