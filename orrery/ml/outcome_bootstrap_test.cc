#include "orrery/ml/outcome_bootstrap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/statistics.h"

namespace orrery::outcome_bootstrap_test {
namespace {

/// Falls every tenth session, and gains a little otherwise.
std::vector<double> lumpy(std::size_t count) {
  std::vector<double> returns;
  for (std::size_t i = 0; i < count; ++i)
    returns.push_back(i % 10 == 9 ? -0.08 : 0.01 + 0.0001 * static_cast<double>(i));
  return returns;
}

BlockBootstrapOptions options_of(double block_length, int draws) {
  BlockBootstrapOptions options;
  options.block_length = block_length;
  options.draws = draws;
  return options;
}

/// What one path that begins at a place and never begins anew comes to: its return and its deepest fall.
std::pair<double, double> whole_path(const std::vector<double>& returns, std::size_t begin, int sessions) {
  double value = 1.0, highest = 1.0, fall = 0.0;
  for (int i = 0; i < sessions; ++i) {
    value *= 1.0 + returns[(begin + static_cast<std::size_t>(i)) % returns.size()];
    highest = std::max(highest, value);
    fall = std::max(fall, (highest - value) / highest);
  }
  return {value - 1.0, fall};
}

/// With blocks that do not end there are as many paths as places, each as likely as another: the quantiles
/// are those of all of them, but for how often each was drawn.
TEST(OutcomeBootstrap, HasTheQuantilesOfAllPathsWhereTheyCanBeCounted) {
  const auto returns = lumpy(40);
  constexpr int kSessions = 25;
  std::vector<double> ends, falls;
  for (std::size_t begin = 0; begin < returns.size(); ++begin) {
    const auto [end, fall] = whole_path(returns, begin, kSessions);
    ends.push_back(end);
    falls.push_back(fall);
  }
  const auto outcomes = bootstrap_outcomes(returns, kSessions, options_of(1e12, 20000));
  const auto between = [](const std::vector<double>& all, double p, double found) {
    // A share of 20,000 draws is known to within 0.015 at four deviations.
    EXPECT_GE(found, quantile(all, std::max(0.0, p - 0.015)) - 0.003) << p;
    EXPECT_LE(found, quantile(all, std::min(1.0, p + 0.015)) + 0.003) << p;
  };
  between(ends, 0.05, outcomes.low.back());
  between(ends, 0.25, outcomes.lower.back());
  between(ends, 0.5, outcomes.median.back());
  between(ends, 0.75, outcomes.higher.back());
  between(ends, 0.95, outcomes.high.back());
  between(falls, 0.5, outcomes.fall_median);
  between(falls, 0.95, outcomes.fall_high);
  const auto losses = std::count_if(ends.begin(), ends.end(), [](double end) { return end < 0.0; });
  EXPECT_NEAR(outcomes.loss_probability, static_cast<double>(losses) / 40.0, 0.015);
}

/// Independent days: the logarithm of a year's growth is a sum of them, near normal by the central limit.
TEST(OutcomeBootstrap, SpreadsAsTheRootOfTimeWhereDaysAreIndependent) {
  Random random(3);
  std::vector<double> returns, logs;
  for (int i = 0; i < 2000; ++i) {
    logs.push_back(0.0004 + 0.01 * random.normal());
    returns.push_back(std::expm1(logs.back()));
  }
  const auto outcomes = bootstrap_outcomes(returns, 252, options_of(1.0, 20000));
  const double center = 252.0 * mean(logs);
  const double spread = std::sqrt(252.0 * 1999.0 / 2000.0) * standard_deviation(logs);
  // A 5 % quantile of 20,000 normal draws has a standard error of 0.015 deviations; four of them.
  EXPECT_NEAR(std::log1p(outcomes.low.back()), center - 1.6449 * spread, 0.06 * spread);
  EXPECT_NEAR(std::log1p(outcomes.median.back()), center, 0.04 * spread);
  EXPECT_NEAR(std::log1p(outcomes.high.back()), center + 1.6449 * spread, 0.06 * spread);
  EXPECT_NEAR(outcomes.loss_probability, normal_distribution(-center / spread), 0.015);
}

TEST(OutcomeBootstrap, OrdersItsLinesAndEndsOnTheLastSession) {
  const auto outcomes = bootstrap_outcomes(lumpy(200), 252, options_of(0.0, 300));
  EXPECT_EQ(outcomes.days.back(), 252);
  EXPECT_LE(outcomes.days.size(), 64U);
  EXPECT_TRUE(std::ranges::is_sorted(outcomes.days));
  ASSERT_EQ(outcomes.median.size(), outcomes.days.size());
  for (std::size_t i = 0; i < outcomes.days.size(); ++i) {
    EXPECT_LE(outcomes.low[i], outcomes.lower[i]);
    EXPECT_LE(outcomes.lower[i], outcomes.median[i]);
    EXPECT_LE(outcomes.median[i], outcomes.higher[i]);
    EXPECT_LE(outcomes.higher[i], outcomes.high[i]);
  }
  EXPECT_EQ(outcomes.high, bootstrap_outcomes(lumpy(200), 252, options_of(0.0, 300)).high);
  EXPECT_EQ(bootstrap_outcomes(lumpy(30), 5, options_of(0.0, 10)).days, (std::vector<int>{1, 2, 3, 4, 5}));
}

TEST(OutcomeBootstrap, SaysNothingOfTooFewAndRefusesNoSessions) {
  EXPECT_EQ(bootstrap_outcomes(lumpy(19), 252, options_of(0.0, 300)).draws, 0);
  EXPECT_THROW(bootstrap_outcomes(lumpy(50), 0, options_of(0.0, 300)), Error);
  EXPECT_THROW(bootstrap_outcomes(lumpy(50), 252, options_of(0.0, 0)), Error);
}

}  // namespace
}  // namespace orrery::outcome_bootstrap_test
