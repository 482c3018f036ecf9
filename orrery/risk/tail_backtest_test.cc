#include "orrery/risk/tail_backtest.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/random.h"

namespace orrery::tail_backtest_test {
namespace {

std::vector<double> normal_returns(std::size_t periods, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> returns(periods);
  for (double& value : returns) value = 0.01 * random.normal();
  return returns;
}

TailBacktestSettings quick_settings() {
  TailBacktestSettings settings;
  settings.simulations = 1'000;
  settings.tail.draws = 5'000;
  return settings;
}

TEST(TailBacktest, ForecastsAreThoseOfTheWindowBeforeAndKnowNothingLater) {
  const auto returns = normal_returns(400, 1);
  auto changed = returns;
  for (std::size_t i = 300; i < 400; ++i) changed[i] = -0.5;
  for (const TailMethod method : kTailMethods) {
    const auto settings = quick_settings();
    const auto backtest = backtest_tail_risk(returns, method, settings);
    ASSERT_EQ(backtest.forecasts.size(), 150U);
    const auto& tenth = backtest.forecasts[10];
    const auto alone = measure_tail_risk(std::span(returns).subspan(10, 250), method, settings.tail);
    EXPECT_EQ(tenth.first, 260U);
    EXPECT_EQ(tenth.value_at_risk, alone.value_at_risk);
    EXPECT_EQ(tenth.expected_shortfall, alone.expected_shortfall);
    EXPECT_EQ(tenth.realised, returns[260]);
    const auto other = backtest_tail_risk(changed, method, settings);
    for (std::size_t i = 0; i <= 50; ++i) {
      EXPECT_EQ(other.forecasts[i].value_at_risk, backtest.forecasts[i].value_at_risk) << to_string(method);
    }
  }
}

// Of right forecasts few are rejected, of returns that grow wild all; 2000 periods at 95 % see twice the
// chance.
TEST(TailBacktest, RightForecastsPassAndWrongOnesDoNot) {
  auto settings = quick_settings();
  settings.tail.confidence = 0.95;
  const auto calm = normal_returns(2250, 2);
  auto wild = calm;
  for (std::size_t i = 250; i < wild.size(); ++i) wild[i] *= std::exp(0.001 * static_cast<double>(i));
  const auto right = backtest_tail_risk(calm, TailMethod::kParametric, settings);
  EXPECT_GT(right.exceptions.conditional.p_value, 0.05);
  EXPECT_GT(right.shortfall->joint_p_value, 0.05);
  EXPECT_EQ(right.exceptions.exceptions, right.shortfall->exceptions);
  const auto wrong = backtest_tail_risk(wild, TailMethod::kParametric, settings);
  EXPECT_LT(wrong.exceptions.coverage.p_value, 0.01);
  EXPECT_LT(wrong.shortfall->joint_p_value, 0.01);
}

// One jump upwards in a calm window: the bent normal's tail turns, and its CVaR is no loss any more.
TEST(TailBacktest, CornishFisherOutsideItsDomainIsCountedAndItsCvarNotTested) {
  auto returns = normal_returns(400, 4);
  returns[300] = 0.5;
  const auto backtest = backtest_tail_risk(returns, TailMethod::kCornishFisher, quick_settings());
  EXPECT_GE(backtest.unreliable, 99U);  // every window that holds the day
  EXPECT_FALSE(backtest.shortfall.has_value());
  EXPECT_TRUE(backtest_tail_risk(returns, TailMethod::kHistorical, quick_settings()).shortfall.has_value());
}

TEST(TailBacktest, LongerHorizonsFollowOneAnother) {
  const auto returns = normal_returns(400, 3);
  auto settings = quick_settings();
  settings.tail.horizon = 10;
  settings.tail.confidence = 0.9;
  const auto backtest = backtest_tail_risk(returns, TailMethod::kHistorical, settings);
  ASSERT_EQ(backtest.forecasts.size(), 15U);
  EXPECT_EQ(backtest.forecasts[3].first, 280U);
  double growth = 1.0;
  for (std::size_t i = 280; i < 290; ++i) growth *= 1.0 + returns[i];
  EXPECT_DOUBLE_EQ(backtest.forecasts[3].realised, growth - 1.0);
}

TEST(TailBacktest, ASeriesThatEndsInTheWindowIsRefused) {
  EXPECT_THROW(backtest_tail_risk(normal_returns(250, 1), TailMethod::kHistorical, quick_settings()), Error);
}

}  // namespace
}  // namespace orrery::tail_backtest_test
