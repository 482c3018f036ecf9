#include "orrery/risk/value_at_risk.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "orrery/base/statistics.h"

namespace orrery::value_at_risk_test {
namespace {

nlohmann::json read_oracle() {
  std::ifstream file("orrery/risk/testdata/value_at_risk.json");
  return nlohmann::json::parse(file);
}

std::vector<double> oracle_returns() { return read_oracle()["returns"].get<std::vector<double>>(); }

bool draws_paths(TailMethod method, int horizon) {
  return method == TailMethod::kMonteCarlo || (method == TailMethod::kFiltered && horizon > 1);
}

// Of draws and moments: sums of 500 numbers in another order, and SciPy's integral of 1e-12. Of simulated
// paths, of which there are as many here as in the oracle: at the 99 % quantile of a density f a million
// draws know it to sqrt(0.99 × 0.01 / 1e6) / f, here 0.3 % of the loss; four of those, and of the CVaR the
// like.
TEST(ValueAtRisk, IsThatOfNumPyAndSciPy) {
  const auto oracle = read_oracle();
  const auto returns = oracle["returns"].get<std::vector<double>>();
  for (const auto& answer : oracle["answers"]) {
    const TailMethod method = parse_tail_method(answer[0].get<std::string>());
    TailSettings settings;
    settings.horizon = answer[1];
    settings.confidence = answer[2];
    settings.draws = 1'000'000;
    const TailRisk risk = measure_tail_risk(returns, method, settings);
    const double value = answer[3], shortfall = answer[4];
    const double tolerance = draws_paths(method, settings.horizon) ? 0.012 : 1e-11;
    EXPECT_NEAR(risk.value_at_risk / value, 1.0, tolerance) << answer;
    EXPECT_NEAR(risk.expected_shortfall / shortfall, 1.0, tolerance) << answer;
    EXPECT_EQ(risk.horizon, settings.horizon);
    EXPECT_EQ(risk.observations, returns.size());
  }
}

// Ten returns by hand: at 80 % the losses beyond VaR are the two largest; at 85 % half of the next counts
// too.
TEST(ValueAtRisk, CountsTheTailByHand) {
  const std::vector<double> returns{-0.10, 0.01, -0.05, 0.02, 0.03, -0.02, 0.04, 0.0, 0.01, 0.02};
  TailSettings settings;
  settings.confidence = 0.8;
  auto risk = measure_tail_risk(returns, TailMethod::kHistorical, settings);
  EXPECT_DOUBLE_EQ(risk.value_at_risk, 0.02);
  EXPECT_DOUBLE_EQ(risk.expected_shortfall, 0.075);
  EXPECT_DOUBLE_EQ(risk.tail_observations, 2.0);
  settings.confidence = 0.85;
  risk = measure_tail_risk(returns, TailMethod::kHistorical, settings);
  EXPECT_DOUBLE_EQ(risk.value_at_risk, 0.05);
  EXPECT_DOUBLE_EQ(risk.expected_shortfall, (0.10 + 0.5 * 0.05) / 1.5);
}

// Artzner et al. (1999): the loss moves with a sum added, and grows with the position.
TEST(ValueAtRisk, MovesWithCashAndGrowsWithThePosition) {
  const auto returns = oracle_returns();
  auto moved = returns, doubled = returns;
  for (double& value : moved) value += 0.001;
  for (double& value : doubled) value *= 2.0;
  for (const TailMethod method : kTailMethods) {
    const auto risk = measure_tail_risk(returns, method, {});
    const auto twice = measure_tail_risk(doubled, method, {});
    EXPECT_NEAR(twice.value_at_risk, 2.0 * risk.value_at_risk, 1e-12) << to_string(method);
    EXPECT_NEAR(twice.expected_shortfall, 2.0 * risk.expected_shortfall, 1e-12) << to_string(method);
    EXPECT_GE(risk.expected_shortfall, risk.value_at_risk) << to_string(method);
    if (method == TailMethod::kFiltered) continue;  // takes the mean as 0
    EXPECT_NEAR(measure_tail_risk(moved, method, {}).value_at_risk, risk.value_at_risk - 0.001, 1e-12);
  }
}

TEST(ValueAtRisk, RootOfTimeIsOnePeriodTimesTheRootAndOnlyWhenAsked) {
  const auto returns = oracle_returns();
  TailSettings ten;
  ten.horizon = 10;
  TailSettings rooted = ten;
  rooted.root_of_time = true;
  for (const TailMethod method : kTailMethods) {
    const auto one = measure_tail_risk(returns, method, {});
    const auto risk = measure_tail_risk(returns, method, rooted);
    EXPECT_DOUBLE_EQ(risk.value_at_risk, std::sqrt(10.0) * one.value_at_risk) << to_string(method);
    EXPECT_DOUBLE_EQ(risk.expected_shortfall, std::sqrt(10.0) * one.expected_shortfall) << to_string(method);
    EXPECT_TRUE(risk.root_of_time);
    EXPECT_EQ(risk.horizon, 10);
    EXPECT_GT(std::abs(measure_tail_risk(returns, method, ten).value_at_risk / risk.value_at_risk - 1.0),
              1e-3);
  }
}

// Volatility of the last weeks doubled: a filtered loss knows, one of history does not.
TEST(ValueAtRisk, FilteredFollowsTheVolatilityOfToday) {
  Random random(3);
  std::vector<double> calm(1000);
  for (double& value : calm) value = 0.01 * random.normal();
  auto wild = calm;
  for (std::size_t i = 940; i < 1000; ++i) wild[i] *= 3.0;
  const auto loss = [](const std::vector<double>& returns, TailMethod method) {
    return measure_tail_risk(returns, method, {}).value_at_risk;
  };
  EXPECT_GT(loss(wild, TailMethod::kFiltered) / loss(calm, TailMethod::kFiltered), 2.0);
  EXPECT_LT(loss(wild, TailMethod::kHistorical) / loss(calm, TailMethod::kHistorical), 2.0);
}

TEST(ValueAtRisk, MonteCarloIsTheSameForASeedAndAnotherForAnother) {
  const auto returns = oracle_returns();
  TailSettings settings;
  settings.horizon = 5;
  const auto first = measure_tail_risk(returns, TailMethod::kMonteCarlo, settings);
  EXPECT_EQ(first.value_at_risk, measure_tail_risk(returns, TailMethod::kMonteCarlo, settings).value_at_risk);
  settings.seed = 2;
  EXPECT_NE(first.value_at_risk, measure_tail_risk(returns, TailMethod::kMonteCarlo, settings).value_at_risk);
}

// Normal draws of one period agree with the parametric loss: 100,000 draws know the 99 % quantile to 0.5 %.
TEST(ValueAtRisk, MonteCarloOfManyDegreesIsTheParametricOne) {
  const auto returns = oracle_returns();
  TailSettings settings;
  settings.degrees = std::numeric_limits<double>::infinity();
  const auto drawn = measure_tail_risk(returns, TailMethod::kMonteCarlo, settings);
  const auto exact = measure_tail_risk(returns, TailMethod::kParametric, settings);
  EXPECT_NEAR(drawn.value_at_risk / exact.value_at_risk, 1.0, 0.02);
  EXPECT_NEAR(drawn.expected_shortfall / exact.expected_shortfall, 1.0, 0.02);
}

// A scan of the bent quantiles themselves is the oracle.
TEST(ValueAtRisk, CornishFisherSaysWhereItsQuantilesTurn) {
  for (const double skewness : {-2.0, -1.0, -0.3, 0.0, 0.5, 1.0}) {
    for (const double excess : {-1.0, 0.0, 0.5, 2.0, 5.0, 7.9, 9.0}) {
      ReturnForecast forecast;
      forecast.deviation = 1.0;
      forecast.skewness = skewness;
      forecast.excess_kurtosis = excess;
      bool ascends = true;
      double last = -std::numeric_limits<double>::infinity();
      for (double z = -4.0; z <= 4.0; z += 0.01) {
        const double value = forecast.quantile(normal_distribution(z));
        ascends = ascends && value >= last;
        last = value;
      }
      EXPECT_EQ(forecast.is_monotone(), ascends) << skewness << " " << excess;
    }
  }
}

TEST(ValueAtRisk, AConstantSeriesHasItsOwnLoss) {
  for (const TailMethod method : kTailMethods) {
    const auto risk = measure_tail_risk(std::vector<double>(50, -0.01), method, {});
    EXPECT_NEAR(risk.value_at_risk, 0.01, 1e-15) << to_string(method);
    EXPECT_NEAR(risk.expected_shortfall, 0.01, 1e-15) << to_string(method);
  }
}

std::string complaint(std::vector<double> returns, const TailSettings& settings) {
  try {
    measure_tail_risk(returns, TailMethod::kHistorical, settings);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(ValueAtRisk, WhatCannotBeMeasuredIsSaid) {
  const double missing = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(complaint({0.1, missing, 0.2}, {}), "the return of period 2 is missing");
  EXPECT_EQ(complaint({0.1}, {}), "1 returns are too few for a horizon of 1 periods; at least 2 are needed");
  TailSettings settings;
  settings.confidence = 1.0;
  EXPECT_EQ(complaint({0.1, 0.2}, settings), "the confidence is 1; it must be above 0.5 and below 1");
  settings = {};
  settings.horizon = 0;
  EXPECT_EQ(complaint({0.1, 0.2}, settings), "the horizon is 0; it must be at least 1 period");
  settings = {};
  settings.degrees = 2.0;
  EXPECT_EQ(complaint({0.1, 0.2}, settings), "degrees is 2; it must be above 2");
  EXPECT_THROW(parse_tail_method("montecarlo"), Error);
}

}  // namespace
}  // namespace orrery::value_at_risk_test
