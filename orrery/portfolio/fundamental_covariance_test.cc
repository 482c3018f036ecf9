#include "orrery/portfolio/fundamental_covariance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "testing/return_table.h"

namespace orrery::fundamental_covariance_test {
namespace {

struct Case {
  nlohmann::json oracle;
  ReturnTable returns;
  NameExposures known;
};

Case read_case() {
  Case found;
  std::ifstream file("orrery/portfolio/testdata/fundamental_covariance.json");
  found.oracle = nlohmann::json::parse(file);
  found.returns = testing::read_return_table(found.oracle["returns"]);
  found.known.sectors = found.oracle["sectors"].get<std::vector<std::string>>();
  found.known.styles.emplace_back();
  for (const auto& value : found.oracle["size"]) {
    found.known.styles.back().push_back(value.is_null() ? std::numeric_limits<double>::quiet_NaN()
                                                        : value.get<double>());
  }
  return found;
}

// Sums of some hundred squares of 1e-2 through regressions of condition ten or so.
TEST(FundamentalCovariance, IsThatOfStatsmodels) {
  const Case found = read_case();
  const RiskModel model = fundamental_covariance(found.returns, found.known);
  EXPECT_EQ(model.factor_covariance.size, found.oracle["factors"].get<std::size_t>());
  const SquareMatrix covariance = model.full();
  for (std::size_t i = 0; i < found.returns.names; ++i) {
    for (std::size_t j = 0; j < found.returns.names; ++j) {
      EXPECT_NEAR(covariance(i, j), found.oracle["covariance"][i][j].get<double>(), 1e-15) << i << " " << j;
    }
  }
}

TEST(FundamentalCovariance, TheOrderOfTheNamesTakesNoPart) {
  const Case found = read_case();
  Case turned = found;
  const std::size_t names = found.returns.names;
  for (std::size_t i = 0; i < names; ++i) {
    turned.known.sectors[i] = found.known.sectors[names - 1 - i];
    turned.known.styles[0][i] = found.known.styles[0][names - 1 - i];
    for (std::size_t period = 0; period < found.returns.periods; ++period) {
      turned.returns.values[period * names + i] = found.returns.values[period * names + names - 1 - i];
    }
  }
  const auto one = fundamental_covariance(found.returns, found.known).full();
  const auto other = fundamental_covariance(turned.returns, turned.known).full();
  for (std::size_t i = 0; i < names; ++i) {
    for (std::size_t j = 0; j < names; ++j)
      EXPECT_NEAR(one(i, j), other(names - 1 - i, names - 1 - j), 1e-15);
  }
}

TEST(FundamentalCovariance, NeedsEnoughPeriodsAndNames) {
  const Case found = read_case();
  ReturnTable brief = found.returns;
  brief.periods = 39;
  brief.values.resize(39 * brief.names);
  EXPECT_THROW(fundamental_covariance(brief, found.known), Error);
  ReturnTable narrow{found.returns.periods, 3, {}};
  narrow.values.assign(found.returns.values.begin(),
                       found.returns.values.begin() + static_cast<std::ptrdiff_t>(3 * narrow.periods));
  EXPECT_THROW(fundamental_covariance(narrow, {}), Error);
  EXPECT_THROW(fundamental_covariance(found.returns, {{"Energy"}, {}}), Error);
  EXPECT_THROW(fundamental_covariance(found.returns, {{}, {{1.0}}}), Error);
}

}  // namespace
}  // namespace orrery::fundamental_covariance_test
