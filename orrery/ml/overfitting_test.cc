#include "orrery/ml/overfitting.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "orrery/base/statistics.h"

namespace orrery::overfitting_test {
namespace {

Panel make_noise(std::size_t periods, std::size_t trials, std::uint64_t seed) {
  Random random(seed);
  Panel returns(periods, trials);
  for (std::size_t t = 0; t < periods; ++t) {
    for (std::size_t i = 0; i < trials; ++i) returns(t, i) = 0.01 * random.normal();
  }
  return returns;
}

// Bailey and López de Prado (2014), "A numerical example": annual Sharpe ratio 2.5 on 1,250 days (250 a
// year), skewness -3, kurtosis 10, variance of the annual Sharpe ratios 1/2: with 100 trials the expected
// maximum is 0.1132 a day and the deflated Sharpe ratio 0.9004; with 46 trials it is 0.9505. Their normal
// case (skewness 0, kurtosis 3) reaches 0.9505 with 88 trials.
TEST(Overfitting, AgreesWithThePublishedExample) {
  const SharpeEstimate estimate{2.5 / std::sqrt(250.0), 1250, -3.0, 10.0};
  const double variance = 0.5 / 250.0;
  EXPECT_NEAR(expected_maximum_sharpe(variance, 100), 0.1132, 0.5e-4);
  EXPECT_NEAR(deflated_sharpe(estimate, variance, 100), 0.9004, 0.5e-4);
  EXPECT_NEAR(deflated_sharpe(estimate, variance, 46), 0.9505, 0.5e-4);
  const SharpeEstimate normal{2.5 / std::sqrt(250.0), 1250, 0.0, 3.0};
  EXPECT_NEAR(deflated_sharpe(normal, variance, 88), 0.9505, 0.5e-4);
}

// Bailey and López de Prado (2012), "The Sharpe ratio efficient frontier", section on the minimum track
// record: to say with 95 % confidence that an annual Sharpe ratio of 2 exceeds 1, normal returns need 2.73
// years of daily, 2.83 of weekly and 3.24 of monthly data.
TEST(Overfitting, MinimumTrackRecordAgreesWithThePublishedYears) {
  struct Row {
    double per_year;
    double years;
  };
  for (const Row& row : {Row{252, 2.73}, Row{52, 2.83}, Row{12, 3.24}}) {
    const SharpeEstimate estimate{2.0 / std::sqrt(row.per_year), 1000, 0.0, 3.0};
    EXPECT_NEAR(minimum_track_record(estimate, 1.0 / std::sqrt(row.per_year)) / row.per_year, row.years,
                0.5e-2);
  }
  EXPECT_TRUE(std::isinf(minimum_track_record({0.05, 100, 0.0, 3.0}, 0.05)));
}

TEST(Overfitting, MinimumTrackRecordIsWhereTheProbabilityReachesTheConfidence) {
  SharpeEstimate estimate{0.08, 0.0, -0.7, 6.0};
  estimate.periods = minimum_track_record(estimate, 0.02, 0.95);
  EXPECT_NEAR(probabilistic_sharpe(estimate, 0.02), 0.95, 1e-12);
}

TEST(Overfitting, OneTrialIsTheProbabilisticSharpeRatio) {
  const SharpeEstimate estimate{0.06, 750, -0.2, 5.0};
  EXPECT_EQ(expected_maximum_sharpe(0.01, 1), 0.0);
  EXPECT_EQ(deflated_sharpe(estimate, 0.01, 1), probabilistic_sharpe(estimate, 0.0));
}

TEST(Overfitting, MoreTrialsAndFatterTailsDeflateMore) {
  const SharpeEstimate estimate{0.1, 1000, 0.0, 3.0};
  EXPECT_GT(deflated_sharpe(estimate, 0.001, 10), deflated_sharpe(estimate, 0.001, 100));
  EXPECT_GT(deflated_sharpe(estimate, 0.001, 10), deflated_sharpe({0.1, 1000, -2.0, 12.0}, 0.001, 10));
  EXPECT_EQ(independent_trials(100, 0.0), 100.0);
  EXPECT_EQ(independent_trials(100, 1.0), 1.0);
}

// The expected maximum is an approximation; by simulation of 20,000 draws it is right within 2 % for 100
// trials.
TEST(Overfitting, ExpectedMaximumAgreesWithSimulation) {
  Random random(11);
  double sum = 0.0;
  for (int draw = 0; draw < 20000; ++draw) {
    double highest = -10.0;
    for (int trial = 0; trial < 100; ++trial) highest = std::max(highest, random.normal());
    sum += highest;
  }
  const double simulated = sum / 20000;
  EXPECT_NEAR(expected_maximum_sharpe(1.0, 100), simulated, 0.02 * simulated);
}

// Expected numbers: numpy and itertools.combinations over the same series, Sharpe ratios from the joined
// blocks themselves (std ddof=1), scipy.stats.rankdata and linregress. The drift makes some choices lose out
// of sample.
TEST(Overfitting, ProbabilityAgreesWithDirectEnumeration) {
  constexpr int kPeriods = 66;
  constexpr int kTrials = 12;
  Panel returns(kPeriods, kTrials);
  for (int t = 0; t < kPeriods; ++t) {
    for (int n = 0; n < kTrials; ++n) {
      returns(t, n) = 0.01 * std::sin(1.3 * t * t + 0.7 * n * n + 0.4 * t * n) + 0.0002 * (n - 11);
    }
  }
  const auto result = overfitting_probability(returns, 6);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->logits.size(), 20u);
  EXPECT_NEAR(result->probability, 0.5, 1e-15);
  EXPECT_NEAR(mean(result->logits), -0.06703007181825198, 1e-12);
  EXPECT_NEAR(result->probability_of_loss, 0.9, 1e-15);
  EXPECT_NEAR(result->performance_slope, -0.9341982781024711, 1e-10);
}

TEST(Overfitting, NoiseIsOverfittedAndSkillIsNot) {
  // The best of pure noise is below the median out of sample about half of the time.
  double mean_probability = 0.0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    mean_probability += overfitting_probability(make_noise(240, 20, seed), 8)->probability / 20;
  }
  EXPECT_NEAR(mean_probability, 0.5, 0.12);
  Panel skilled = make_noise(240, 20, 5);
  for (std::size_t t = 0; t < 240; ++t) skilled(t, 3) += 0.01;
  EXPECT_EQ(overfitting_probability(skilled, 8)->probability, 0.0);
}

TEST(Overfitting, FewTrialsAreNotComputableAndBadInputIsRefused) {
  EXPECT_FALSE(overfitting_probability(make_noise(100, 9, 1)));
  EXPECT_THROW(overfitting_probability(make_noise(100, 10, 1), 7), Error);
  EXPECT_THROW(overfitting_probability(make_noise(20, 10, 1), 16), Error);
  Panel missing = make_noise(100, 10, 1);
  missing(50, 5) = Panel::missing();
  EXPECT_THROW(overfitting_probability(missing), Error);
  EXPECT_THROW(expected_maximum_sharpe(1.0, 0.5), Error);
}

}  // namespace
}  // namespace orrery::overfitting_test
