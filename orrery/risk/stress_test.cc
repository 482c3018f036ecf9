#include "orrery/risk/stress.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "orrery/portfolio/covariance.h"

namespace orrery::stress_test {
namespace {

nlohmann::json read_oracle() {
  std::ifstream file("orrery/risk/testdata/position_risk.json");
  return nlohmann::json::parse(file);
}

RiskModel oracle_risk(const nlohmann::json& oracle) {
  SquareMatrix covariance(5);
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t j = 0; j < 5; ++j) covariance(i, j) = oracle["covariance"][i][j];
  }
  return RiskModel::dense(covariance);
}

TEST(Stress, TheTableOfWindowsIsInOrder) {
  Date before{-100000};
  for (const auto& window : stress_windows()) {
    const auto peak = parse_date(window.peak), trough = parse_date(window.trough);
    ASSERT_TRUE(peak && trough) << window.name;
    EXPECT_LT(*peak, *trough) << window.name;
    EXPECT_LT(before, *peak) << window.name;
    EXPECT_LT(weekday(*peak), 5) << window.name;
    EXPECT_LT(weekday(*trough), 5) << window.name;
    before = *peak;
  }
}

// A series that loses 1 % on every weekday of 2018 and gains 1 % on the one day of the peak, which must not
// count.
TEST(Stress, AWindowIsReplayedFromTheDayAfterItsPeakToItsTrough) {
  std::vector<Date> dates;
  std::vector<double> returns;
  for (Date day = make_date(2018, 1, 1); day <= make_date(2018, 12, 24); day = day + 1) {
    if (weekday(day) > 4) continue;
    dates.push_back(day);
    returns.push_back(day == make_date(2018, 1, 26) ? 0.01 : -0.01);
  }
  const auto losses = replay_windows(dates, returns);
  ASSERT_EQ(losses.size(), 2U);
  EXPECT_EQ(losses[0].name, "Volmageddon");
  EXPECT_EQ(losses[0].periods, 9U);
  EXPECT_NEAR(losses[0].loss, 1.0 - std::pow(0.99, 9), 1e-15);
  EXPECT_DOUBLE_EQ(losses[0].deepest, losses[0].loss);
  EXPECT_DOUBLE_EQ(losses[0].worst_period, 0.01);
  EXPECT_EQ(losses[1].name, "Winter of 2018");
}

TEST(Stress, WindowsThatTheSeriesHasOnlyInPartAreLeftOut) {
  const std::vector<double> returns{-0.1, -0.1};
  EXPECT_TRUE(replay_windows({}, {}).empty());
  EXPECT_TRUE(
      replay_windows(std::vector<Date>{make_date(2020, 2, 20), make_date(2020, 3, 20)}, returns).empty());
  EXPECT_TRUE(
      replay_windows(std::vector<Date>{make_date(2020, 3, 20), make_date(2020, 3, 23)}, returns).empty());
  EXPECT_EQ(replay_windows(std::vector<Date>{make_date(2020, 2, 20), make_date(2020, 3, 23)}, returns).size(),
            1U);
  EXPECT_THROW(replay_windows(std::vector<Date>{make_date(2020, 2, 20)}, returns), Error);
}

// A regression with a constant has the same slopes as the sample covariance.
TEST(Stress, OthersMoveAsARegressionOnTheShockedSays) {
  const auto oracle = read_oracle();
  const auto moves = propagate_shocks(oracle_risk(oracle), std::vector<NameShock>{{0, -0.1}, {3, 0.04}});
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(moves[i], oracle["conditional"][i].get<double>(), 1e-13) << i;
  }
  EXPECT_EQ(moves[0], -0.1);
  const auto weights = oracle["weights"].get<std::vector<double>>();
  EXPECT_NEAR(shock_loss(weights, moves), 0.05 - 0.4 * moves[1] + 0.3 * moves[2] - 0.01 - 0.15 * moves[4],
              1e-15);
}

TEST(Stress, FactorsMoveNamesByTheirLoadings) {
  SquareMatrix factors(2);
  factors(0, 0) = factors(1, 1) = 1e-4;
  const auto risk = RiskModel::factors({1.0, 0.5, 2.0, -1.0, 0.0, 1.0}, factors, {1e-4, 1e-4, 1e-4});
  const auto moves = factor_shock(risk, std::vector<double>{-0.1, 0.02});
  EXPECT_DOUBLE_EQ(moves[0], -0.09);
  EXPECT_DOUBLE_EQ(moves[1], -0.22);
  EXPECT_DOUBLE_EQ(moves[2], 0.02);
  EXPECT_THROW(factor_shock(risk, std::vector<double>{0.1}), Error);
}

TEST(Stress, CorrelationsGoToOneAndDeviationsStay) {
  const auto oracle = read_oracle();
  const auto risk = oracle_risk(oracle);
  const auto weights = oracle["weights"].get<std::vector<double>>();
  const auto stress = stress_correlations(risk, weights);
  EXPECT_NEAR(stress.now, std::sqrt(risk.variance(weights)), 1e-17);
  EXPECT_NEAR(stress.hedges_fail, oracle["worst_deviation"].get<double>(), 1e-15);
  EXPECT_LE(stress.all_one, stress.hedges_fail);
  // The same by the matrix itself.
  SquareMatrix moved(5);
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t j = 0; j < 5; ++j) {
      const double scale = std::sqrt(risk.covariance(i, i) * risk.covariance(j, j));
      const double correlation = risk.covariance(i, j) / scale;
      moved(i, j) = scale * (correlation + 0.3 * (1.0 - correlation));
    }
  }
  EXPECT_NEAR(deviation_towards_one(risk, weights, 0.3), std::sqrt(RiskModel::dense(moved).variance(weights)),
              1e-16);
}

TEST(Stress, GapsTakeEachPositionsOwnWorstPeriod) {
  const ReturnTable returns{3, 3, {0.02, 0.05, -0.5, -0.03, -0.04, 0.1, 0.01, 0.02, 0.3}};
  const auto stress = stress_gaps(returns, std::vector<double>{0.5, -0.4, 0.0});
  EXPECT_DOUBLE_EQ(stress.all_loss, 0.5 * 0.03 + 0.4 * 0.05);
  EXPECT_EQ(stress.largest, 1U);
  EXPECT_DOUBLE_EQ(stress.largest_loss, 0.4 * 0.05);
}

TEST(Stress, ShocksThatCannotBeAreRefused) {
  const auto risk = oracle_risk(read_oracle());
  EXPECT_THROW(propagate_shocks(risk, {}), Error);
  EXPECT_THROW(propagate_shocks(risk, std::vector<NameShock>{{0, -0.1}, {0, 0.1}}), Error);
  EXPECT_THROW(propagate_shocks(risk, std::vector<NameShock>{{5, -0.1}}), Error);
  SquareMatrix twins(2);
  twins(0, 0) = twins(0, 1) = twins(1, 0) = twins(1, 1) = 1e-4;
  EXPECT_THROW(propagate_shocks(RiskModel::dense(twins), std::vector<NameShock>{{0, -0.1}, {1, 0.1}}), Error);
  EXPECT_THROW(deviation_towards_one(risk, std::vector<double>(5, 0.2), 1.5), Error);
  EXPECT_THROW(shock_loss(std::vector<double>{1.0}, std::vector<double>{0.1, 0.2}), Error);
}

}  // namespace
}  // namespace orrery::stress_test
