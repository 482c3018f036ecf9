#include "orrery/report/seed_section.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/report/metric_parts.h"

namespace orrery::seed_section_test {
namespace {

SeedSpread five() {
  SeedSpread spread;
  for (int k = 0; k < 5; ++k) {
    const double x = k;
    spread.results.push_back({7 + static_cast<std::uint64_t>(k), 0.01 * x, 0.02 * x, 0.1 * x, 1.0 + x});
  }
  return spread;
}

// Of 1, 2, 3, 4, 5: the textbook's deviation, sqrt(2.5).
TEST(SeedRange, HoldsLowestMedianHighestAndDeviation) {
  const SeedRange range = seed_range(five(), &SeedResult::sharpe);
  EXPECT_EQ(range.lowest, 1.0);
  EXPECT_EQ(range.median, 3.0);
  EXPECT_EQ(range.highest, 5.0);
  EXPECT_NEAR(range.deviation, std::sqrt(2.5), 1e-15);
  EXPECT_TRUE(std::isnan(seed_range({}, &SeedResult::sharpe).lowest));
}

TEST(SeedSection, ShowsEverySeedAndTheSpread) {
  const std::string html = render_seeds(five());
  EXPECT_NE(html.find("<b>Seed 7, this run</b>"), std::string::npos);
  EXPECT_NE(html.find("Seed 11"), std::string::npos);
  EXPECT_NE(html.find("between 1.00 and 5.00"), std::string::npos);
}

TEST(SeedSection, SaysWhenThereIsNoChance) {
  SeedSpread spread;
  spread.model_depends_on_seed = false;
  spread.results.resize(1);
  EXPECT_NE(render_seeds(spread).find("does not depend on its seed"), std::string::npos);
  std::vector<Metric> metrics;
  append_seed_metrics(spread, metrics);
  EXPECT_EQ(std::get<std::int64_t>(metrics.front().value), 1);
}

}  // namespace
}  // namespace orrery::seed_section_test
