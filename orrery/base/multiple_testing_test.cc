#include "orrery/base/multiple_testing.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/not_a_number.h"

namespace orrery::multiple_testing_test {
namespace {

// scipy 1.17.1: 2 * norm.sf([0, 1.96, 3, -(-4.5)])
TEST(MultipleTesting, TwoSidedPValueIsThatOfTheNormalDistribution) {
  EXPECT_EQ(two_sided_p_value(0.0), 1.0);
  EXPECT_NEAR(two_sided_p_value(1.96), 0.04999579029644087, 1e-16);
  EXPECT_NEAR(two_sided_p_value(-3.0), 0.0026997960632601866, 1e-17);
  EXPECT_TRUE(std::isnan(two_sided_p_value(kNaN)));
}

// statsmodels 0.15.0: multipletests(p, method="fdr_bh")[1]
TEST(MultipleTesting, QValuesEqualStatsmodels) {
  const std::vector<double> p = {0.01, 0.04, 0.03, 0.005, 0.9, 0.04, 0.2, 1e-9};
  const std::vector<double> expected = {0.02666666666666667,
                                        0.05333333333333334,
                                        0.05333333333333334,
                                        0.02,
                                        0.9,
                                        0.05333333333333334,
                                        0.2285714285714286,
                                        8e-09};
  const std::vector<double> found = benjamini_hochberg(p);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-15) << i;
}

TEST(MultipleTesting, AMissingPValueIsNoTest) {
  const std::vector<double> found = benjamini_hochberg(std::vector<double>{0.02, kNaN, 0.5});
  EXPECT_DOUBLE_EQ(found[0], 0.04);
  EXPECT_TRUE(std::isnan(found[1]));
  EXPECT_DOUBLE_EQ(found[2], 0.5);
  EXPECT_TRUE(benjamini_hochberg({}).empty());
}

}  // namespace
}  // namespace orrery::multiple_testing_test
