// The operators against qlib's own values (testdata/qlib_values.tsv, made by testdata/make_qlib_values.py
// with qlib 0.9.7).

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "orrery/base/files.h"
#include "orrery/factor/compute.h"

namespace orrery::qlib_test {
namespace {

struct Line {
  std::string expression;
  std::vector<double> values;
};

std::vector<Line> read_values() {
  std::istringstream text(read_file("plugins/operators/testdata/qlib_values.tsv"));
  std::vector<Line> result;
  for (std::string line; std::getline(text, line);) {
    if (line.empty() || line.front() == '#') continue;
    const auto tab = line.find('\t');
    result.push_back({line.substr(0, tab), {}});
    for (std::size_t begin = tab + 1; begin <= line.size();) {
      const auto end = std::min(line.find(',', begin), line.size());
      const std::string cell = line.substr(begin, end - begin);
      result.back().values.push_back(cell.empty() ? std::numeric_limits<double>::quiet_NaN()
                                                  : std::strtod(cell.c_str(), nullptr));
      begin = end + 1;
    }
  }
  return result;
}

// qlib's running sums drift in the last digits of a double; its results are compared before any cast to
// float. Where it works in float (elementwise), so do we. Near zero its regressions are good to 1e-9 of the
// values.
TEST(QlibOperators, SameValues) {
  const auto lines = read_values();
  MarketData market;
  const std::size_t rows = lines.front().values.size();
  market.symbols = {"S"};
  market.first_row = {0};
  market.last_row = {static_cast<int>(rows) - 1};
  for (std::size_t t = 0; t < rows; ++t) market.dates.push_back(Date{static_cast<std::int32_t>(t)});
  std::size_t compared = 0;
  for (const Line& line : lines) {
    ASSERT_EQ(line.values.size(), rows) << line.expression;
    if (line.expression.size() == 2) {  // a field
      Panel panel(rows, 1);
      for (std::size_t t = 0; t < rows; ++t) panel(t, 0) = line.values[t];
      market.fields.emplace(line.expression.substr(1), std::move(panel));
      continue;
    }
    ++compared;
    const Panel found = compute_expression({"f", line.expression}, market, {Precision::kFloat32, 1, true});
    for (std::size_t t = 0; t < rows; ++t) {
      const double wanted = line.values[t];
      if (std::isnan(wanted)) {
        EXPECT_TRUE(std::isnan(found(t, 0))) << line.expression << ", row " << t << ": " << found(t, 0);
      } else if (std::isinf(wanted)) {
        EXPECT_EQ(found(t, 0), wanted) << line.expression << ", row " << t;
      } else {
        EXPECT_NEAR(found(t, 0), wanted, std::max(1e-7 * std::fabs(wanted), 1e-8))
            << line.expression << ", row " << t;
      }
    }
  }
  EXPECT_GT(compared, 150u);
}

}  // namespace
}  // namespace orrery::qlib_test
