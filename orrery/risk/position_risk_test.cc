#include "orrery/risk/position_risk.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "orrery/base/error.h"
#include "orrery/portfolio/covariance.h"
#include "orrery/risk/value_at_risk.h"

namespace orrery::position_risk_test {
namespace {

struct PositionCase {
  nlohmann::json oracle;
  ReturnTable returns;
  std::vector<double> weights;
  RiskModel risk;
};

PositionCase read_case() {
  PositionCase found;
  std::ifstream file("orrery/risk/testdata/position_risk.json");
  found.oracle = nlohmann::json::parse(file);
  for (const auto& row : found.oracle["returns"]) {
    ++found.returns.periods;
    found.returns.names = row.size();
    for (const double value : row) found.returns.values.push_back(value);
  }
  found.weights = found.oracle["weights"].get<std::vector<double>>();
  CovarianceSettings settings;
  settings.method = CovarianceMethod::kSample;
  found.risk = estimate_covariance(found.returns, settings);
  return found;
}

// The oracle's slopes are differences over 2e-6: right to about 1e-10 of the deviation.
TEST(PositionRisk, ComponentsAreTheSlopesOfTheDeviationAndAddUp) {
  const auto found = read_case();
  const auto parts = component_risk(found.risk, found.weights);
  const double deviation = std::sqrt(found.risk.variance(found.weights));
  double sum = 0.0, shares = 0.0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    EXPECT_NEAR(parts[i].marginal, found.oracle["marginal"][i].get<double>(), 1e-10);
    EXPECT_DOUBLE_EQ(parts[i].component, found.weights[i] * parts[i].marginal);
    sum += parts[i].component;
    shares += parts[i].share;
  }
  EXPECT_NEAR(sum, deviation, 1e-16);
  EXPECT_NEAR(shares, 1.0, 1e-14);
  EXPECT_LT(parts[2].share, 0.0);  // the short hedges
}

// CVaR is linear in the weights while the same periods are the worst: slopes are exact but for rounding /
// 2e-6.
TEST(PositionRisk, ComponentsOfCvarAreItsSlopesAndAddUpToIt) {
  const auto found = read_case();
  const auto parts = component_shortfall(found.returns, found.weights, 0.95);
  double sum = 0.0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    EXPECT_NEAR(parts[i], found.oracle["component_shortfall"][i].get<double>(), 1e-10);
    sum += parts[i];
  }
  for (const double confidence : {0.95, 0.973}) {  // the second counts a period in part
    TailSettings settings;
    settings.confidence = confidence;
    const auto split = component_shortfall(found.returns, found.weights, confidence);
    sum = std::accumulate(split.begin(), split.end(), 0.0);
    EXPECT_NEAR(
        sum,
        measure_tail_risk(portfolio_returns(found.returns, found.weights), TailMethod::kHistorical, settings)
            .expected_shortfall,
        1e-15);
  }
}

TEST(PositionRisk, BetasAreThoseOfARegression) {
  const auto found = read_case();
  const auto whole = portfolio_returns(found.returns, found.weights);
  const auto slopes = betas(found.returns, whole);
  double portfolio = 0.0;
  for (std::size_t i = 0; i < slopes.size(); ++i) {
    EXPECT_NEAR(slopes[i], found.oracle["betas"][i].get<double>(), 1e-13);
    portfolio += found.weights[i] * slopes[i];
  }
  EXPECT_NEAR(portfolio, 1.0, 1e-14);  // its beta with itself
  EXPECT_TRUE(std::isnan(betas(found.returns, std::vector<double>(200, 0.01)).front()));
}

TEST(PositionRisk, ConcentrationByHand) {
  const auto spread = measure_concentration(std::vector<double>{0.4, -0.2, 0.2, 0.1, 0.05, 0.05, 0.0});
  EXPECT_DOUBLE_EQ(spread.gross, 1.0);
  EXPECT_DOUBLE_EQ(spread.net, 0.6);
  EXPECT_DOUBLE_EQ(spread.largest, 0.4);
  EXPECT_DOUBLE_EQ(spread.five_largest, 0.95);
  EXPECT_DOUBLE_EQ(spread.effective_names, 1.0 / 0.255);
  EXPECT_EQ(spread.positions, 6U);
  EXPECT_EQ(measure_concentration(std::vector<double>{0.0}).effective_names, 0.0);
}

// 30 % of a million at 10 % of 600,000 a day takes five days; what is not traded never leaves.
TEST(PositionRisk, DaysToExitByHand) {
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> weights{0.3, -0.3, 0.2, 0.0, 0.2};
  const auto days = days_to_exit(weights, std::vector<double>{6e5, 3e5, 0.0, 0.0, unknown}, 1e6, 0.1);
  EXPECT_DOUBLE_EQ(days[0], 5.0);
  EXPECT_DOUBLE_EQ(days[1], 10.0);
  EXPECT_TRUE(std::isinf(days[2]));
  EXPECT_EQ(days[3], 0.0);
  EXPECT_TRUE(std::isnan(days[4]));
  EXPECT_DOUBLE_EQ(sold_after(weights, days, 5.0), 0.45);
  EXPECT_DOUBLE_EQ(sold_after(weights, days, 0.0), 0.0);
}

TEST(PositionRisk, WhatDoesNotFitIsRefused) {
  const auto found = read_case();
  const std::vector<double> few{1.0};
  EXPECT_THROW(component_risk(found.risk, few), Error);
  EXPECT_THROW(component_shortfall(found.returns, few, 0.95), Error);
  EXPECT_THROW(component_shortfall(found.returns, found.weights, 1.0), Error);
  EXPECT_THROW(betas(found.returns, few), Error);
  EXPECT_THROW(days_to_exit(few, few, 1e6, 0.0), Error);
  EXPECT_THROW(days_to_exit(few, few, 0.0, 0.1), Error);
}

}  // namespace
}  // namespace orrery::position_risk_test
