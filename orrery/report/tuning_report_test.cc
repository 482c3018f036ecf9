#include "orrery/report/tuning_report.h"

#include <gtest/gtest.h>

namespace orrery::tuning_report_test {
namespace {

/// Ranks 1 to 12 vary by 143 in all. Four groups of three neighbours leave 2 within each; two that alternate
/// have means of 6 and 7, which lie 12 × 0.25 = 3 apart.
TEST(SettingImportance, IsTheShareOfTheVarianceOfRanksBetweenGroups) {
  std::vector<double> rising, alternating, values;
  for (int i = 0; i < 12; ++i) {
    rising.push_back(i / 11.0);
    alternating.push_back(i % 2);
    values.push_back(i * i);
  }
  EXPECT_NEAR(setting_importance(rising, values), 135.0 / 143.0, 1e-12);
  EXPECT_NEAR(setting_importance(alternating, values), 3.0 / 143.0, 1e-12);
  EXPECT_EQ(setting_importance({0.0, 1.0}, {1.0, 2.0}), 0.0);
}

TuningReport small_report() {
  TuningReport report;
  report.name = "small <study>";
  report.objective = "rank_ic";
  report.span = "Sessions 2015-01-02 to 2016-12-30";
  report.settings = {{"num_leaves", "2 to 64", 0.5}};
  report.trials = {{1, "complete", 0.01, {0.1}, {"3"}},
                   {2, "pruned", 0.0, {0.9}, {"60"}},
                   {3, "complete", 0.03, {0.5}, {"11"}}};
  report.best_yaml = "model: {name: lightgbm}";
  report.verdict = {"Probability that the best of them is overfitted (CSCV): 0.40."};
  return report;
}

TEST(TuningReport, ShowsTheBestFirstAndEscapes) {
  const auto page = render_tuning_report(small_report());
  EXPECT_EQ(page, render_tuning_report(small_report()));
  EXPECT_NE(page.find("small &lt;study&gt;"), std::string::npos);
  EXPECT_LT(page.find("0.0300"), page.find("0.0100"));
  EXPECT_NE(page.find("2 complete of 3 begun"), std::string::npos);
  EXPECT_NE(page.find("tuning-history"), std::string::npos);
  EXPECT_NE(page.find("overfitted (CSCV): 0.40"), std::string::npos);
}

TEST(TuningReport, SaysWhenNothingIsComplete) {
  auto report = small_report();
  report.best_yaml.clear();
  EXPECT_NE(render_tuning_report(report).find("No trial is complete yet"), std::string::npos);
}

}  // namespace
}  // namespace orrery::tuning_report_test
