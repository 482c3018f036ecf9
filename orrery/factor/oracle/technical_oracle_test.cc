// The set `technical` against pandas-ta (testdata/technical_values.tsv, made by make_technical_values.py with
// pandas-ta-classic 0.8.32) and, for what it has of TA-Lib, against TA-Lib's list of names; their values are
// compared where the operators live (plugins/operators/talib_test.cc).

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "orrery/base/files.h"
#include "orrery/factor/compute.h"
#include "orrery/factor/factor_set.h"

namespace orrery::technical_oracle_test {
namespace {

constexpr std::size_t kStride = 7;

using Lines = std::map<std::string, std::vector<double>>;

Lines read_values() {
  std::istringstream text(read_file("orrery/factor/oracle/testdata/technical_values.tsv"));
  Lines result;
  for (std::string line; std::getline(text, line);) {
    if (line.empty() || line.front() == '#') continue;
    const auto tab = line.find('\t');
    std::istringstream cells(line.substr(tab + 1) + ",");
    auto& values = result[line.substr(0, tab)];
    for (std::string cell; std::getline(cells, cell, ',');) {
      values.push_back(cell.empty() ? std::numeric_limits<double>::quiet_NaN()
                                    : std::strtod(cell.c_str(), nullptr));
    }
  }
  return result;
}

MarketData market_of(const Lines& lines) {
  MarketData market;
  const std::size_t rows = lines.at("$close").size();
  market.symbols = {"S"};
  market.first_row = {0};
  market.last_row = {static_cast<int>(rows) - 1};
  for (std::size_t t = 0; t < rows; ++t) market.dates.push_back(Date{static_cast<std::int32_t>(t)});
  for (const auto& [name, values] : lines) {
    if (name.front() != '$') continue;
    Panel panel(rows, 1);
    for (std::size_t t = 0; t < rows; ++t) panel(t, 0) = values[t];
    market.fields.emplace(name.substr(1), std::move(panel));
  }
  return market;
}

void expect_same(const FactorDefinition& factor, const Panel& found, const std::vector<double>& expected) {
  int failures = 0;
  for (std::size_t i = 0; i < expected.size() && failures < 3; ++i) {
    const double value = found(i * kStride, 0);
    const double tolerance = 1e-9 * std::max(1.0, std::fabs(expected[i]));
    if (std::isnan(expected[i]) ? std::isnan(value) : std::fabs(value - expected[i]) <= tolerance) continue;
    ++failures;
    ADD_FAILURE() << factor.name << ", row " << i * kStride << ": " << value << " instead of " << expected[i];
  }
}

TEST(TechnicalSet, AgreesWithPandasTa) {
  const Lines lines = read_values();
  const MarketData market = market_of(lines);
  std::size_t compared = 0;
  for (const FactorDefinition& factor : factor_set("technical")) {
    const auto expected = lines.find(factor.name);
    if (expected == lines.end()) continue;
    ++compared;
    expect_same(factor, compute_expression(factor, market, {Precision::kFloat64, 1, false}),
                expected->second);
  }
  EXPECT_EQ(compared, lines.size() - 5);
}

/// What is plain arithmetic, or wants a series of its own, is an operator only.
TEST(TechnicalSet, HasTheIndicatorsOfTaLib) {
  const std::set<std::string> operators_only = {"ACOS", "ADD",  "ASIN",  "ATAN", "CEIL",  "COS",  "COSH",
                                                "DIV",  "EXP",  "FLOOR", "LN",   "LOG10", "MAVP", "MULT",
                                                "SIN",  "SINH", "SQRT",  "SUB",  "TAN",   "TANH"};
  std::string all;
  for (const FactorDefinition& factor : factor_set("technical")) all += factor.expression + "\n";
  std::istringstream names(read_file("plugins/operators/testdata/talib_names.txt"));
  for (std::string name; std::getline(names, name);) {
    if (name.empty() || name.front() == '#' || operators_only.count(name) > 0) continue;
    EXPECT_NE(all.find("talib:" + name + "($"), std::string::npos) << name;
  }
}

TEST(TechnicalSet, SaysWhatItsFactorsAre) {
  const FactorSet set = load_factor_set("technical");
  for (std::size_t i = 0; i < set.definitions.size(); ++i) {
    EXPECT_FALSE(set.notes[i].summary.empty()) << set.definitions[i].name;
    EXPECT_FALSE(set.notes[i].source.empty()) << set.definitions[i].name;
    EXPECT_FALSE(set.notes[i].units.empty()) << set.definitions[i].name;
  }
}

}  // namespace
}  // namespace orrery::technical_oracle_test
