#include "orrery/report/robustness.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/report/metric_parts.h"

namespace orrery::robustness_test {
namespace {

Robustness two_paths() {
  Robustness result;
  result.scheme = "cpcv";
  result.folds = 3;
  result.test_folds = 2;
  result.splits = 3;
  result.purge_rows = 2;
  result.embargo_rows = 5;
  result.first = make_date(2015, 1, 2);
  result.last = make_date(2015, 12, 31);
  result.paths = {{0.01, 0.02, 0.5, 0.1, 1.0}, {0.03, 0.04, 1.5, 0.2, 2.0}};
  result.blocks = {{make_date(2015, 1, 2), make_date(2015, 4, 30), {0.05, 0.01}, {1.0, 3.0}}};
  return result;
}

TEST(RobustnessRange, HoldsLowestMedianHighestAndDeviation) {
  const auto range = robustness_range(two_paths(), &RobustnessPath::sharpe);
  EXPECT_EQ(range.lowest, 1.0);
  EXPECT_EQ(range.median, 1.5);
  EXPECT_EQ(range.highest, 2.0);
  EXPECT_NEAR(range.deviation, std::sqrt(0.5), 1e-15);
  EXPECT_TRUE(std::isnan(robustness_range({}, &RobustnessPath::sharpe).lowest));
}

TEST(RobustnessSection, SaysThatItIsNoTradableHistory) {
  const std::string page = render_robustness(two_paths());
  EXPECT_NE(page.find("Robustness, not tradable history"), std::string::npos);
  EXPECT_NE(page.find("3 folds, 2 tested at a time: 3 models, 2 paths"), std::string::npos);
  EXPECT_NE(page.find("between 0.0200 and 0.0400"), std::string::npos);
  EXPECT_NE(page.find("2.00 <small>1.00 to 3.00</small>"), std::string::npos);
}

TEST(RobustnessSection, HasNoRangeOfASinglePath) {
  Robustness one = two_paths();
  one.scheme = "purged_kfold";
  one.test_folds = 1;
  one.paths.resize(1);
  one.blocks.front().sharpe.resize(1);
  const std::string page = render_robustness(one);
  EXPECT_NE(page.find("3 folds, one tested at a time"), std::string::npos);
  EXPECT_EQ(page.find("Median"), std::string::npos);
}

TEST(RobustnessMetrics, AreFlat) {
  std::vector<Metric> metrics;
  append_robustness_metrics(two_paths(), metrics);
  EXPECT_EQ(metrics.front().key, "robustness_paths");
  EXPECT_EQ(std::get<std::int64_t>(metrics.front().value), 2);
}

}  // namespace
}  // namespace orrery::robustness_test
