#include "orrery/risk/correlation_change.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "orrery/risk/position_risk.h"

namespace orrery::correlation_change_test {
namespace {

TEST(CorrelationChange, MeansAreThoseOfNumPy) {
  std::ifstream file("orrery/risk/testdata/position_risk.json");
  const auto oracle = nlohmann::json::parse(file);
  ReturnTable returns{200, 5, {}};
  for (const auto& row : oracle["returns"]) {
    for (const double value : row) returns.values.push_back(value);
  }
  const auto whole = portfolio_returns(returns, oracle["weights"].get<std::vector<double>>());
  const std::vector<std::size_t> names{0, 1, 2, 3, 4};
  const auto change = measure_correlation_change(returns, names, whole, 60, 0.1);
  EXPECT_EQ(change.tail_periods, 20U);
  EXPECT_NEAR(change.history, oracle["history"].get<double>(), 1e-13);
  EXPECT_NEAR(change.recent, oracle["recent"].get<double>(), 1e-13);
  EXPECT_NEAR(change.down, oracle["down"].get<double>(), 1e-13);
  EXPECT_NEAR(change.up, oracle["up"].get<double>(), 1e-13);
}

// Names that fall together and rise apart: what is between down and up shows it, and normal ones have
// nothing.
TEST(CorrelationChange, DownIsAboveUpOnlyWhereNamesFallTogether) {
  Random random(1);
  const auto made = [&](double in_falls) {
    ReturnTable returns{4000, 6, {}};
    std::vector<double> market;
    for (std::size_t t = 0; t < returns.periods; ++t) {
      market.push_back(random.normal());
      const double load = market.back() < -1.0 ? in_falls : 1.0;
      for (int i = 0; i < 6; ++i) returns.values.push_back(0.01 * (load * market.back() + random.normal()));
    }
    const std::vector<std::size_t> names{0, 1, 2, 3, 4, 5};
    const auto change = measure_correlation_change(returns, names, market, 250, 0.1);
    return change.down - change.up;
  };
  EXPECT_NEAR(made(1.0), 0.0, 0.06);
  EXPECT_GT(made(3.0), 0.2);
}

TEST(CorrelationChange, ASingleNameHasNone) {
  const ReturnTable returns{4, 2, {0.1, 0.1, 0.2, 0.1, 0.0, 0.1, 0.3, 0.1}};
  const std::vector<double> whole{0.1, 0.2, 0.0, 0.3};
  EXPECT_TRUE(
      std::isnan(measure_correlation_change(returns, std::vector<std::size_t>{0}, whole, 2, 0.5).recent));
  // The second name never moves.
  EXPECT_TRUE(
      std::isnan(measure_correlation_change(returns, std::vector<std::size_t>{0, 1}, whole, 2, 0.5).recent));
  EXPECT_THROW(measure_correlation_change(returns, std::vector<std::size_t>{}, whole, 2, 0.5), Error);
  EXPECT_THROW(measure_correlation_change(returns, std::vector<std::size_t>{0}, whole, 2, 0.7), Error);
}

}  // namespace
}  // namespace orrery::correlation_change_test
