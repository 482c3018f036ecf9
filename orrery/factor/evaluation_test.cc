#include "orrery/factor/evaluation.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/not_a_number.h"
#include "orrery/base/random.h"

namespace orrery::evaluation_test {
namespace {

std::vector<Date> consecutive_dates(std::size_t count) {
  std::vector<Date> dates;
  for (std::size_t t = 0; t < count; ++t) dates.push_back(make_date(2017, 1, 2) + static_cast<int>(t));
  return dates;
}

struct Signal {
  Panel scores;
  Panel returns;
};

/// The series of the oracle below: coarse scores (ties), gaps, empty days at both ends, a day with too few
/// names and a day without variance.
Signal make_waves() {
  constexpr int kRows = 60;
  constexpr int kNames = 23;
  Signal signal{Panel(kRows, kNames), Panel(kRows, kNames)};
  for (int t = 0; t < kRows; ++t) {
    for (int i = 0; i < kNames; ++i) {
      const double wave = std::sin(1.3 * t * t + 2.1 * i * i + 0.2 * t * i);
      if ((t * 5 + i * 2) % 13 != 0) {
        signal.returns(t, i) = 0.01 * std::sin(0.7 * t * t + 1.9 * i * i + 0.5) + 0.002 * wave;
      }
      const bool left_out = t < 3 || t >= 58 || (t == 10 && i >= 4) || (t * 7 + i * 3) % 11 == 0;
      if (!left_out) signal.scores(t, i) = t == 20 ? 1.0 : std::nearbyint(wave * 4) / 4;
    }
  }
  return signal;
}

Signal make_random_signal(std::size_t rows, std::size_t names, double strength, std::uint64_t seed) {
  Random random(seed);
  Signal signal{Panel(rows, names), Panel(rows, names)};
  for (std::size_t t = 0; t < rows; ++t) {
    for (std::size_t i = 0; i < names; ++i) {
      signal.scores(t, i) = random.normal();
      signal.returns(t, i) = strength * signal.scores(t, i) + random.normal();
    }
  }
  return signal;
}

TEST(Evaluation, RanksShareTheirAverageAndSkipMissing) {
  const std::array<double, 6> values = {3.0, 1.0, kNaN, 3.0, -2.0, 3.0};
  std::array<double, 6> ranks{};
  rank_average_ties(values, ranks);
  EXPECT_EQ(ranks[0], 4.0);
  EXPECT_EQ(ranks[1], 2.0);
  EXPECT_TRUE(std::isnan(ranks[2]));
  EXPECT_EQ(ranks[3], 4.0);
  EXPECT_EQ(ranks[4], 1.0);
  EXPECT_EQ(ranks[5], 4.0);
}

TEST(Evaluation, CorrelationOfAConstantIsMissing) {
  const std::array<double, 5> constant = {0.1, 0.1, 0.1, 0.1, 0.1};
  const std::array<double, 5> other = {0.1, 0.2, 0.1, 0.4, 0.3};
  EXPECT_TRUE(std::isnan(pearson_correlation(constant, other)));
  EXPECT_TRUE(std::isnan(pearson_correlation(other, constant)));
  EXPECT_DOUBLE_EQ(pearson_correlation(other, other), 1.0);
}

TEST(Evaluation, QuantilesByHand) {
  // Ten names with scores 0 to 9 and returns of a hundredth of them: two names a quantile.
  Panel scores(1, 10);
  Panel returns(1, 10);
  for (std::size_t i = 0; i < 10; ++i) {
    scores(0, i) = static_cast<double>(9 - i);
    returns(0, i) = 0.01 * static_cast<double>(9 - i);
  }
  const SignalEvaluation result = evaluate_signal(scores, returns, consecutive_dates(1));
  for (std::size_t q = 0; q < 5; ++q) {
    EXPECT_NEAR(result.quantiles.mean[q], 0.005 + 0.02 * static_cast<double>(q), 1e-15);
    EXPECT_EQ(result.quantiles.mean_count[q], 2.0);
  }
  EXPECT_NEAR(result.quantiles.long_short[0], 0.08, 1e-15);
  EXPECT_EQ(result.ic.days, 1u);
  EXPECT_NEAR(result.ic.mean, 1.0, 1e-15);
  EXPECT_TRUE(std::isnan(result.ic.standard_deviation));
}

TEST(Evaluation, TurnoverOfTheTopQuantileByHand) {
  Panel scores(2, 10);
  Panel returns(2, 10, 0.0);
  for (std::size_t i = 0; i < 10; ++i) scores(0, i) = scores(1, i) = static_cast<double>(i);
  std::swap(scores(1, 9), scores(1, 0));  // one of the two highest leaves
  const SignalEvaluation result = evaluate_signal(scores, returns, consecutive_dates(2));
  EXPECT_TRUE(std::isnan(result.top_quantile_turnover[0]));
  EXPECT_EQ(result.top_quantile_turnover[1], 0.5);
  EXPECT_EQ(result.ic.days, 0u);  // returns without variance
  EXPECT_TRUE(std::isnan(result.ic.mean));
}

// Expected numbers: numpy.corrcoef and scipy.stats.spearmanr by day, numpy.quantile edges with
// searchsorted(side="left") for the groups, statsmodels OLS on a constant with cov_type="HAC", maxlags 3, on
// the series of make_waves(). Tolerance: last bits of sums in another order.
TEST(Evaluation, AgreesWithScipyAndStatsmodels) {
  const Signal signal = make_waves();
  const SignalEvaluation result = evaluate_signal(signal.scores, signal.returns, consecutive_dates(60));
  EXPECT_EQ(result.dates.size(), 55u);
  EXPECT_EQ(result.dates.front(), make_date(2017, 1, 5));
  EXPECT_TRUE(std::isnan(result.ic.daily[7]));   // too few names
  EXPECT_TRUE(std::isnan(result.ic.daily[17]));  // no variance
  EXPECT_EQ(result.ic.days, 53u);
  EXPECT_EQ(result.ic.newey_west_lag, 3);
  EXPECT_NEAR(result.ic.mean, 0.20588250246246428, 1e-12);
  EXPECT_NEAR(result.ic.standard_deviation, 0.22085402144948962, 1e-12);
  EXPECT_NEAR(result.ic.icir, 0.9322107929538, 1e-12);
  EXPECT_NEAR(result.ic.newey_west_standard_error, 0.025778883263794815, 1e-12);
  EXPECT_NEAR(result.ic.newey_west_t, 7.9864787142124305, 1e-12);
  EXPECT_NEAR(result.ic.positive_share, 0.7924528301886793, 1e-12);
  EXPECT_EQ(result.rank_ic.days, 53u);
  EXPECT_EQ(result.rank_ic.newey_west_lag, 3);
  EXPECT_NEAR(result.rank_ic.mean, 0.2136429626315109, 1e-12);
  EXPECT_NEAR(result.rank_ic.standard_deviation, 0.2351492441097256, 1e-12);
  EXPECT_NEAR(result.rank_ic.icir, 0.9085419918756812, 1e-12);
  EXPECT_NEAR(result.rank_ic.newey_west_standard_error, 0.02454364872596962, 1e-12);
  EXPECT_NEAR(result.rank_ic.newey_west_t, 8.704612953715207, 1e-12);
  EXPECT_NEAR(result.rank_ic.positive_share, 0.7924528301886793, 1e-12);
  EXPECT_NEAR(result.quantiles.mean[0], -0.0017822593102032902, 1e-15);
  EXPECT_NEAR(result.quantiles.mean[1], -0.00042073050909801485, 1e-15);
  EXPECT_NEAR(result.quantiles.mean[2], 8.961261819255152e-06, 1e-15);
  EXPECT_NEAR(result.quantiles.mean[3], 0.0009751792236088388, 1e-15);
  EXPECT_NEAR(result.quantiles.mean[4], 0.002102811883935657, 1e-15);
  EXPECT_NEAR(result.quantiles.long_short_mean, 0.004132987557172212, 1e-15);
  EXPECT_NEAR(result.quantiles.long_short_cumulated.back(), 0.18845300568626522, 1e-13);
  EXPECT_NEAR(result.mean_autocorrelation, 0.009465064517765694, 1e-13);
  EXPECT_NEAR(result.mean_scored, 20.6, 1e-12);
  EXPECT_NEAR(result.coverage, 0.8946917808219178, 1e-14);
}

TEST(Evaluation, MonthsAverageTheirDays) {
  const Signal signal = make_waves();
  const SignalEvaluation result = evaluate_signal(signal.scores, signal.returns, consecutive_dates(60));
  ASSERT_EQ(result.monthly.size(), 2u);
  double sum = 0.0;
  std::size_t days = 0;
  for (const MonthlyCorrelation& month : result.monthly) {
    sum += month.rank_ic * static_cast<double>(month.days);
    days += month.days;
  }
  EXPECT_EQ(days, result.rank_ic.days);
  EXPECT_NEAR(sum / static_cast<double>(days), result.rank_ic.mean, 1e-14);
}

TEST(Evaluation, DecayIsTheEvaluationOfEachHorizonsReturns) {
  const Signal signal = make_waves();
  Panel closes(60, 23);
  for (std::size_t t = 0; t < 60; ++t) {
    for (std::size_t i = 0; i < 23; ++i) {
      const double before = t == 0 ? 100.0 + static_cast<double>(i) : closes(t - 1, i);
      closes(t, i) = before * (1.0 + (std::isnan(signal.returns(t, i)) ? 0.0 : signal.returns(t, i)));
    }
  }
  closes(30, 5) = kNaN;
  const std::array<int, 2> horizons = {1, 5};
  const auto decay = evaluate_decay(signal.scores, closes, 1, horizons);
  for (std::size_t h = 0; h < 2; ++h) {
    Panel returns(60, 23);
    for (std::size_t t = 0; t + 1 + horizons[h] < 60; ++t) {
      for (std::size_t i = 0; i < 23; ++i) {
        returns(t, i) = closes(t + 1 + horizons[h], i) / closes(t + 1, i) - 1.0;
      }
    }
    SignalEvaluationOptions options;
    options.return_sessions = horizons[h];
    const auto direct = evaluate_signal(signal.scores, returns, consecutive_dates(60), options);
    EXPECT_EQ(decay[h].sessions, horizons[h]);
    EXPECT_EQ(decay[h].ic.mean, direct.ic.mean);
    EXPECT_EQ(decay[h].rank_ic.newey_west_t, direct.rank_ic.newey_west_t);
    EXPECT_EQ(decay[h].rank_ic.days, direct.rank_ic.days);
  }
  EXPECT_EQ(decay[1].ic.newey_west_lag, 4);  // at least horizon - 1
}

TEST(Evaluation, FindsAPlantedSignalAndNothingInNoise) {
  const auto planted = make_random_signal(250, 200, 0.05, 7);
  const auto found = evaluate_signal(planted.scores, planted.returns, consecutive_dates(250));
  EXPECT_NEAR(found.ic.mean, 0.05, 3 * found.ic.newey_west_standard_error);
  EXPECT_GT(found.ic.newey_west_t, 5.0);
  const auto noise = make_random_signal(250, 200, 0.0, 8);
  EXPECT_LT(std::abs(evaluate_signal(noise.scores, noise.returns, consecutive_dates(250)).ic.newey_west_t),
            3.0);
}

TEST(Evaluation, RankCorrelationSeesOrderAlone) {
  Signal signal = make_random_signal(30, 40, 0.3, 9);
  const auto before = evaluate_signal(signal.scores, signal.returns, consecutive_dates(30));
  for (std::size_t t = 0; t < 30; ++t) {
    for (double& score : signal.scores.row(t)) score = std::exp(3.0 * score);
  }
  const auto after = evaluate_signal(signal.scores, signal.returns, consecutive_dates(30));
  EXPECT_EQ(before.rank_ic.mean, after.rank_ic.mean);
  EXPECT_EQ(before.quantiles.long_short_mean, after.quantiles.long_short_mean);
  EXPECT_NE(before.ic.mean, after.ic.mean);
}

TEST(Evaluation, ThreadsDoNotChangeABit) {
  const Signal signal = make_waves();
  SignalEvaluationOptions options;
  options.threads = 1;
  const auto one = evaluate_signal(signal.scores, signal.returns, consecutive_dates(60), options);
  options.threads = 7;
  const auto seven = evaluate_signal(signal.scores, signal.returns, consecutive_dates(60), options);
  const auto same_bits = [](const std::vector<double>& a, const std::vector<double>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
  };
  EXPECT_TRUE(same_bits(one.ic.daily, seven.ic.daily));
  EXPECT_TRUE(same_bits(one.rank_ic.daily, seven.rank_ic.daily));
  EXPECT_TRUE(same_bits(one.quantiles.long_short, seven.quantiles.long_short));
  EXPECT_TRUE(same_bits(one.autocorrelation, seven.autocorrelation));
}

TEST(Evaluation, NothingToScoreIsEmptyAndBadInputIsRefused) {
  const SignalEvaluation empty = evaluate_signal(Panel(5, 3), Panel(5, 3), consecutive_dates(5));
  EXPECT_TRUE(empty.dates.empty());
  EXPECT_TRUE(std::isnan(empty.rank_ic.mean));
  EXPECT_TRUE(std::isnan(empty.quantiles.long_short_newey_west_t));
  EXPECT_THROW(evaluate_signal(Panel(5, 3), Panel(5, 4), consecutive_dates(5)), Error);
  EXPECT_THROW(evaluate_signal(Panel(5, 3), Panel(5, 3), consecutive_dates(4)), Error);
  SignalEvaluationOptions options;
  options.quantiles = 1;
  EXPECT_THROW(evaluate_signal(Panel(5, 3), Panel(5, 3), consecutive_dates(5), options), Error);
}

}  // namespace
}  // namespace orrery::evaluation_test
