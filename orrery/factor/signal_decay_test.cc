#include "orrery/factor/signal_decay.h"

#include <gtest/gtest.h>

#include <cmath>

namespace orrery::signal_decay_test {
namespace {

TEST(SignalDecay, FindsTheHalfLifeOfAnExponential) {
  for (const double half_life : {0.5, 3.0, 40.0}) {
    std::vector<double> values;
    for (int k = 0; k < 20; ++k) values.push_back(-0.04 * std::exp2(-k / half_life));
    EXPECT_NEAR(fit_half_life(values), half_life, 1e-6 * half_life);
  }
}

// scipy 1.17.1: curve_fit(lambda k, a, h: a * 2 ** (-k / h), range(10), values, p0=(0.05, 3), xtol=1e-15)
TEST(SignalDecay, EqualsScipysLeastSquares) {
  const std::vector<double> values = {0.05, 0.041, 0.037, 0.028, 0.026, 0.019, 0.018, 0.012, 0.013, 0.008};
  EXPECT_NEAR(fit_half_life(values), 3.77703765, 1e-7);
}

TEST(SignalDecay, SaysWhatHasNoHalfLife) {
  EXPECT_TRUE(std::isinf(fit_half_life(std::vector<double>(10, 0.02))));
  EXPECT_TRUE(std::isnan(fit_half_life(std::vector<double>(10, 0.0))));
  EXPECT_TRUE(std::isnan(fit_half_life(std::vector<double>{0.1, 0.05})));
  EXPECT_TRUE(std::isnan(fit_half_life(std::vector<double>{0.1, std::nan(""), 0.05})));
}

}  // namespace
}  // namespace orrery::signal_decay_test
