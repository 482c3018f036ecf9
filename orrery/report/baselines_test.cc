#include "orrery/report/baselines.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace orrery::baselines_test {
namespace {

// numpy.quantile([3, 1, 4, 1, 5, 9, 2, 6], [0.05, 0.5, 0.95]) gives 1.0, 3.5, 7.95 (numpy 2.2.6).
TEST(RandomBand, AgreesWithNumpy) {
  const RandomBand band = random_band({3, 1, 4, 1, 5, 9, 2, 6}, 4.0);
  EXPECT_DOUBLE_EQ(band.low, 1.0);
  EXPECT_DOUBLE_EQ(band.middle, 3.5);
  EXPECT_DOUBLE_EQ(band.high, 7.95);
  EXPECT_DOUBLE_EQ(band.share_below_run, 0.5);  // 3, 1, 1, 2: an equal draw is not below
}

TEST(RandomBand, LeavesOutMissingDraws) {
  const RandomBand band = random_band({1.0, std::nan(""), 3.0}, 2.0);
  EXPECT_DOUBLE_EQ(band.middle, 2.0);
  EXPECT_DOUBLE_EQ(band.share_below_run, 0.5);
}

}  // namespace
}  // namespace orrery::baselines_test
