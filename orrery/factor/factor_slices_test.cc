#include "orrery/factor/factor_slices.h"

#include <gtest/gtest.h>

#include <cmath>

namespace orrery::factor_slices_test {
namespace {

TEST(FactorSlices, PartsDaysByYearAndByTheUniverse) {
  const double nan = std::nan("");
  const std::vector<Date> dates = {make_date(2019, 12, 30), make_date(2019, 12, 31), make_date(2020, 1, 2),
                                   make_date(2020, 1, 3), make_date(2020, 1, 6)};
  const UniverseState state{{nan, 0.1, 0.2, 0.3, 0.4}, {nan, 0.01, -0.01, 0.0, 0.02}};
  const auto groups = part_days(dates, state);
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].slices[1].key, "2020");
  EXPECT_EQ(groups[1].slices[0].member, (std::vector<char>{0, 1, 1, 0, 0}));
  EXPECT_EQ(groups[1].slices[0].name, "Calm: up to 20.0%");
  EXPECT_EQ(groups[2].slices[0].member, (std::vector<char>{0, 1, 0, 0, 1}));
  EXPECT_EQ(groups[2].slices[1].member, (std::vector<char>{0, 0, 1, 1, 0}));

  const auto means = slice_means(std::vector<double>{0.1, 0.3, nan, 0.5, 0.6}, groups, 0);
  ASSERT_EQ(means.size(), 7U);
  EXPECT_DOUBLE_EQ(means[0].mean, 0.2);
  EXPECT_EQ(means[1].days, 2U);
  EXPECT_DOUBLE_EQ(means[1].mean, 0.55);
  EXPECT_TRUE(std::isnan(means[2].t));  // one day
}

}  // namespace
}  // namespace orrery::factor_slices_test
