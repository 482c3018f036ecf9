// Alpha360 against the values of qlib 0.9.7 itself (testdata/qlib_alpha360.tsv, made by
// testdata/make_qlib_alpha360.py).

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "orrery/base/files.h"
#include "orrery/factor/compute.h"

namespace orrery::alpha360_oracle_test {
namespace {

using Lines = std::map<std::string, std::vector<double>>;

std::vector<double> numbers(const std::string& cells) {
  std::vector<double> values;
  for (std::size_t begin = 0; begin <= cells.size();) {
    const auto end = std::min(cells.find(',', begin), cells.size());
    const std::string cell = cells.substr(begin, end - begin);
    values.push_back(cell.empty() ? std::numeric_limits<double>::quiet_NaN()
                                  : std::strtod(cell.c_str(), nullptr));
    begin = end + 1;
  }
  return values;
}

Lines read_lines() {
  std::istringstream text(read_file("orrery/factor/oracle/testdata/qlib_alpha360.tsv"));
  Lines lines;
  for (std::string line; std::getline(text, line);) {
    const auto tab = line.find('\t');
    if (line.front() != '#') lines[line.substr(0, tab)] = numbers(line.substr(tab + 1));
  }
  return lines;
}

MarketData market_of(const Lines& lines) {
  MarketData market;
  market.symbols = {"S"};
  const auto rows = lines.at("$close").size();
  for (std::size_t row = 0; row < rows; ++row) market.dates.push_back({static_cast<std::int32_t>(row)});
  market.first_row = {0};
  market.last_row = {static_cast<int>(rows) - 1};
  for (const char* field : {"open", "high", "low", "close", "volume", "vwap"}) {
    Panel panel(rows, 1);
    const auto& values = lines.at(fmt::format("${}", field));
    for (std::size_t row = 0; row < rows; ++row) panel(row, 0) = values[row];
    market.fields.emplace(field, std::move(panel));
  }
  return market;
}

// Both divide floats once, so that nothing but the bits is allowed; the volume over one of 0 is about 1e17.
TEST(Alpha360Oracle, SameBits) {
  const auto lines = read_lines();
  const auto definitions = factor_set("alpha360");
  ASSERT_EQ(definitions.size(), 360u);
  const FactorFrame ours = compute_factors(definitions, market_of(lines));
  const auto& rows = lines.at("rows");
  for (std::size_t f = 0; f < ours.names.size(); ++f) {
    const auto& expected = lines.at(ours.names[f]);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const double value = ours.panels[f](static_cast<std::size_t>(rows[i]), 0);
      EXPECT_TRUE(value == expected[i] || (std::isnan(value) && std::isnan(expected[i])))
          << ours.names[f] << " on session " << rows[i] << ": " << value << " instead of " << expected[i];
    }
  }
}

}  // namespace
}  // namespace orrery::alpha360_oracle_test
