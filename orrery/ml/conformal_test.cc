#include "orrery/ml/conformal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "orrery/base/random.h"

namespace orrery::conformal_test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(ConformalBound, IsTheOrderStatisticOfTheTheorem) {
  // (n + 1) × coverage = 4.5, 9 and 9.9 of nine scores.
  const auto bound = [](double coverage) {
    std::vector<double> scores = {9, 1, 8, 2, 7, 3, 6, 4, 5};
    return conformal_bound(scores, coverage);
  };
  EXPECT_EQ(bound(0.45), 5.0);
  EXPECT_EQ(bound(0.9), 9.0);
  EXPECT_EQ(bound(0.99), kInfinity);
  EXPECT_EQ(bound(0.01), 1.0);
  std::vector<double> none;
  EXPECT_EQ(conformal_bound(none, 0.5), kInfinity);
}

TEST(ConformalBound, TakesAWholeNumberForWhatItIs) {
  // 0.7 × 10 is 7 in exact arithmetic, for the ninth score of 0.1, 0.2, … too.
  for (int tenths = 1; tenths <= 9; ++tenths) {
    std::vector<double> scores = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    EXPECT_EQ(conformal_bound(scores, tenths / 10.0), tenths);
  }
}

/// Student's t with two degrees of freedom: no variance.
double heavy_tailed(Random& random) {
  const double a = random.normal(), b = random.normal(), c = random.normal();
  return std::fabs(a / std::sqrt((b * b + c * c) / 2.0));
}

TEST(ConformalBound, CoversExchangeablePointsWithinBinomialError) {
  constexpr std::size_t kPoints = 10000;
  for (const double coverage : {0.5, 0.8, 0.9, 0.95, 0.99}) {
    Random random(static_cast<std::uint64_t>(coverage * 100));
    std::vector<double> past(kPoints);
    for (double& score : past) score = heavy_tailed(random);
    const double bound = conformal_bound(past, coverage);
    double covered = 0.0;
    for (std::size_t i = 0; i < kPoints; ++i) covered += heavy_tailed(random) <= bound ? 1.0 : 0.0;
    // The bound comes from as many points as it is held against: two binomial errors.
    const double error = std::sqrt(2.0 * coverage * (1.0 - coverage) / kPoints);
    EXPECT_NEAR(covered / kPoints, coverage, 3.0 * error) << coverage;
  }
}

TEST(AdaptiveCoverage, FollowsItsRecurrence) {
  AdaptiveCoverage adaptive(0.9, 0.05);
  EXPECT_DOUBLE_EQ(adaptive.coverage(), 0.9);
  adaptive.update(1.0);
  EXPECT_DOUBLE_EQ(adaptive.coverage(), 0.9 + 0.05 * 0.9);
  adaptive.update(0.0);
  EXPECT_DOUBLE_EQ(adaptive.coverage(), 0.9 + 0.05 * 0.9 - 0.05 * 0.1);
  AdaptiveCoverage fixed(0.8, 0.0);
  fixed.update(1.0);
  EXPECT_DOUBLE_EQ(fixed.coverage(), 0.8);
}

TEST(AdaptiveCoverage, KeepsItsPromiseAgainstAnyFuture) {
  // A future that misses everything while less than everything is asked for, and nothing else.
  constexpr double kRate = 0.1;
  constexpr int kSteps = 2000;
  AdaptiveCoverage adaptive(0.9, kRate);
  double missed = 0.0;
  for (int step = 0; step < kSteps; ++step) {
    const double now = adaptive.coverage() < 1.0 ? 1.0 : 0.0;
    missed += now;
    adaptive.update(now);
  }
  EXPECT_NEAR(missed / kSteps, 0.1, (0.9 + kRate) / (kRate * kSteps));
}

}  // namespace
}  // namespace orrery::conformal_test
