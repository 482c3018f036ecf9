#include "orrery/base/statistics.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

namespace orrery::statistics_test {
namespace {

const std::vector<double> kValues = {0.021, -0.013, 0.008, 0.044,  -0.027, 0.003,
                                     0.019, -0.006, 0.031, -0.038, 0.012,  0.005};

// Expected numbers: numpy 2.4 and scipy 1.17, `mean()`, `std(ddof=1)`, `stats.skew`,
// `stats.kurtosis(fisher=False)`, `np.quantile`. Tolerance: the last bits of other summation orders.
TEST(Statistics, MomentsAgreeWithScipy) {
  EXPECT_NEAR(mean(kValues), 0.0049166666666666655, 1e-14);
  EXPECT_NEAR(standard_deviation(kValues), 0.02341117966556434, 1e-14);
  EXPECT_NEAR(skewness(kValues), -0.25036984230745296, 1e-14);
  EXPECT_NEAR(kurtosis(kValues), 2.4603385481332256, 1e-14);
  EXPECT_NEAR(quantile(kValues, 0.05), -0.03195, 1e-14);
  EXPECT_NEAR(quantile(kValues, 0.5), 0.006500000000000001, 1e-14);
  EXPECT_NEAR(quantile(kValues, 0.95), 0.03684999999999999, 1e-14);
}

TEST(Statistics, ConstantSeriesHasNoDeviation) {
  const std::array<double, 9> constant = {0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01};
  EXPECT_EQ(standard_deviation(constant), 0.0);
  EXPECT_TRUE(std::isnan(skewness(constant)));
}

TEST(Statistics, TooFewValuesAreMissing) {
  EXPECT_TRUE(std::isnan(mean({})));
  EXPECT_TRUE(std::isnan(standard_deviation(std::array{1.0})));
  EXPECT_TRUE(std::isnan(newey_west_standard_error(std::array{1.0}, 0)));
  EXPECT_EQ(drop_missing(std::array{1.0, std::nan(""), 2.0, std::log(0.0)}), (std::vector<double>{1.0, 2.0}));
}

// Expected numbers: statsmodels, `OLS(x, ones).fit(cov_type="HAC", cov_kwds={"maxlags": lag}).bse[0]`.
TEST(Statistics, NeweyWestAgreesWithStatsmodels) {
  EXPECT_NEAR(newey_west_standard_error(kValues, 0), 0.006470508237522914, 1e-16);
  EXPECT_NEAR(newey_west_standard_error(kValues, 1), 0.004355307311165468, 1e-16);
  EXPECT_NEAR(newey_west_standard_error(kValues, 3), 0.0032587207901677634, 1e-16);
  EXPECT_NEAR(newey_west_standard_error(kValues, 5), 0.0029587272603315115, 1e-16);
}

// n = 100 gives 4, the rule's own anchor; 252 and 1000 by hand: 4 × 2.52^(2/9) = 4.91, 4 × 10^(2/9) = 6.67.
TEST(Statistics, NeweyWestLagRule) {
  EXPECT_EQ(newey_west_lag(100), 4);
  EXPECT_EQ(newey_west_lag(252), 4);
  EXPECT_EQ(newey_west_lag(1000), 6);
}

// Expected numbers: scipy.stats.norm.ppf.
TEST(Statistics, NormalQuantileAgreesWithScipy) {
  EXPECT_NEAR(normal_quantile(0.5), 0.0, 1.0e-17);
  EXPECT_NEAR(normal_quantile(0.6), 0.2533471031357997, 1.1e-16);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 7.9e-16);
  EXPECT_NEAR(normal_quantile(0.05), -1.6448536269514729, 6.7e-16);
  EXPECT_NEAR(normal_quantile(0.001), -3.090232306167813, 1.2e-15);
  EXPECT_NEAR(normal_quantile(1e-12), -7.034483825301131, 2.8e-15);
  EXPECT_NEAR(normal_quantile(1e-300), -37.0470962993612, 1.5e-14);
  EXPECT_TRUE(std::isinf(normal_quantile(1.0)));
  EXPECT_TRUE(std::isnan(normal_quantile(1.5)));
}

TEST(Statistics, NormalQuantileInvertsTheDistribution) {
  for (double p = 0.001; p < 1.0; p += 0.001) {
    EXPECT_NEAR(normal_distribution(normal_quantile(p)), p, 1e-15);
  }
}

}  // namespace
}  // namespace orrery::statistics_test
