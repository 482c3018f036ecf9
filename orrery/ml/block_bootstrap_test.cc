#include "orrery/ml/block_bootstrap.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "orrery/base/error.h"

namespace orrery::block_bootstrap_test {
namespace {

/// An autoregressive series of whole-number noise, so that any program makes the same one:
/// y[t] = phi y[t - 1] + ((t² 7919 + t 104729) mod 1009) / 1009 - 0.49, y[-1] = 0.
std::vector<double> oracle_series(std::int64_t count, double phi) {
  std::vector<double> series;
  double last = 0.0;
  for (std::int64_t t = 0; t < count; ++t) {
    last = phi * last + static_cast<double>((t * t * 7919 + t * 104729) % 1009) / 1009 - 0.49;
    series.push_back(last);
  }
  return series;
}

/// arch 8.0.0: `optimal_block_length(s)["stationary"]`, and of
/// `StationaryBootstrap(length, s, seed=np.random.default_rng(1)).apply(np.mean, 100000)` the share with
/// |m - mean| >= |mean|, the quantiles 0.025 and 0.975 and the deviation.
struct Golden {
  std::int64_t count;
  double phi, mean, block_length, p_value, low, high, deviation;
};
constexpr std::array<Golden, 4> kGolden = {{
    {250, 0.0, 0.013127849355797826, 2.8700315348045335, 0.471995, -0.02246789, 0.04896938, 0.018238},
    {250, 0.6, 0.03274054845565918, 43.51368989258048, 0.183648, -0.01610961, 0.08205127, 0.024759},
    {500, 0.9, 0.16021925291695222, 18.00669483619766, 0.021410, 0.02466339, 0.29736037, 0.069675},
    {500, -0.5, 0.010616140470763352, 12.198738166072001, 0.187418, -0.00520693, 0.02645298, 0.008060},
}};

TEST(StationaryBlockLength, AgreesWithArch) {
  for (const auto& golden : kGolden) {
    EXPECT_NEAR(stationary_block_length(oracle_series(golden.count, golden.phi)), golden.block_length, 1e-8)
        << golden.count << " " << golden.phi;
  }
}

/// Both sides draw their own random numbers: p varies by √(p (1 - p) / draws), here and there; the quantile
/// at 2.5 % by √(0.025 × 0.975 / draws) over the normal density there, 0.0584 / deviation: 2.7 deviations /
/// √draws. Four such errors of 40 000 and 100 000 draws together.
TEST(BootstrapMean, AgreesWithArchWithinMonteCarloError) {
  BlockBootstrapOptions options;
  options.draws = 40000;
  const double root = std::sqrt(1.0 / 40000 + 1.0 / 100000);
  for (const auto& golden : kGolden) {
    const auto found = bootstrap_mean(oracle_series(golden.count, golden.phi), options);
    EXPECT_NEAR(found.mean, golden.mean, 1e-12);
    EXPECT_NEAR(found.p_value, golden.p_value,
                4.0 * std::sqrt(golden.p_value * (1.0 - golden.p_value)) * root);
    EXPECT_NEAR(found.low, golden.low, 4.0 * 2.7 * golden.deviation * root);
    EXPECT_NEAR(found.high, golden.high, 4.0 * 2.7 * golden.deviation * root);
  }
}

/// Of the values ±1 with blocks of one, a mean of two draws is -1, 0, 0 or 1 with equal chance: around the
/// mean of 0 every draw is at least as far, and the quantiles are the ends.
TEST(BootstrapMean, IsExactOnTwoValues) {
  BlockBootstrapOptions options;
  options.block_length = 1.0;
  const auto even = bootstrap_mean(std::array{-1.0, 1.0}, options);
  EXPECT_EQ(even.p_value, 1.0);
  EXPECT_EQ(even.low, -1.0);
  EXPECT_EQ(even.high, 1.0);
  // Of 1 and 3: means 1, 2, 2, 3 around 2; none is as far from 2 as 2 is from 0.
  const auto above = bootstrap_mean(std::array{1.0, 3.0}, options);
  EXPECT_EQ(above.p_value, 1.0 / 10001.0);
  EXPECT_EQ(above.mean, 2.0);
}

TEST(BootstrapMean, IsTheSameForASeedAndSpeaksOfConstants) {
  const auto series = oracle_series(100, 0.3);
  EXPECT_EQ(bootstrap_mean(series, {}).p_value, bootstrap_mean(series, {}).p_value);
  EXPECT_NE(bootstrap_mean(series, {0, 999, 1}).low, bootstrap_mean(series, {0, 999, 2}).low);
  const std::vector<double> zeros(50, 0.0);
  EXPECT_EQ(bootstrap_mean(zeros, {}).p_value, 1.0);
  EXPECT_TRUE(std::isnan(bootstrap_mean(std::array{1.0}, {}).p_value));
  EXPECT_THROW(bootstrap_mean(series, {0.5, 100, 7}), Error);
}

/// Twenty series without any mean: a test at 5 % rejects about one; more than five has a chance of 3 in 10
/// 000.
TEST(BootstrapMean, RarelyRejectsWhatIsNotThere) {
  int rejected = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    auto series = oracle_series(400 + static_cast<std::int64_t>(seed) * 37, 0.5);
    double sum = 0.0;
    for (const double value : series) sum += value;
    for (double& value : series) value -= sum / static_cast<double>(series.size());
    series.resize(300);
    rejected += bootstrap_mean(series, {0, 2000, seed}).p_value < 0.05 ? 1 : 0;
  }
  EXPECT_LE(rejected, 5);
}

}  // namespace
}  // namespace orrery::block_bootstrap_test
