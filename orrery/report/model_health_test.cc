#include "orrery/report/model_health.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "orrery/base/files.h"
#include "orrery/base/random.h"

namespace orrery::model_health_test {
namespace {

/// A model of 24 features, of which f00 and f01 moved, f02 is to be watched and the last can't be computed.
ModelHealth made_up_health() {
  Random random(5);
  ModelHealth health;
  health.title = "made-up<1>@3";
  health.stage = "live";
  health.model = "ridge";
  health.banner = "SIMULATED";
  health.data = "ohlcv.parquet";
  health.trained_first = *parse_date("2015-01-02");
  health.trained_last = *parse_date("2016-12-30");
  for (int f = 0; f < 24; ++f) {
    const double psi = f < 2 ? 0.6 - 0.1 * f : f == 2 ? 0.15 : 0.05 - 0.002 * f;
    health.evidence.features.push_back({fmt::format("f{:02}</script>", f), 1.0, 0.99, psi, psi / 2.0, 0.1,
                                        0.05, f < 2 ? 1e-6 : 0.5, f < 2 ? 1e-5 : 0.6});
  }
  health.evidence.features.back() = {"gone", 0.9, 0.0};
  for (int i = 0; i < 160; ++i) {
    health.rank_ic.dates.push_back({17400 + i});
    health.rank_ic.values.push_back(i == 7 ? FeatureDrift::kMissing : 0.03 + 0.05 * random.normal());
  }
  for (int i = 0; i < 60; ++i) {
    health.covered.dates.push_back({17500 + i});
    health.covered.values.push_back(0.9 + 0.03 * random.normal());
  }
  health.recent_first = {17500};
  health.recent_last = {17559};
  health.recent_sessions = 60;
  health.evidence.ic = {100, 60, 0.03, 0.02, -0.01, -1.0, 2.0};
  health.evidence.coverage = {0.9, 0.9, 60};
  health.judgement = judge_drift(health.evidence, health.thresholds);
  for (const auto& check : health.judgement.checks)
    health.lines.push_back({check.key, "0.1", "0.1, 0.25", "What it <says>.", check.verdict, check.action});
  health.next = {"orrery models add out/<run>"};
  return health;
}

TEST(ModelHealth, IsWrittenWhole) {
  const auto health = made_up_health();
  const auto page = render_model_health(health);
  EXPECT_EQ(page, render_model_health(health));
  for (const char* part :
       {"made-up&lt;1&gt;@3", "What it &lt;says&gt;.", "20 of 24 are fine", "f00&lt;/script&gt;",
        "orrery models add out/&lt;run&gt;", "SIMULATED", "monitor-features", "monitor-rank-ic",
        "interval-coverage", "<span class=\"mark act\">act</span>"})
    EXPECT_NE(page.find(part), std::string::npos) << part;
  EXPECT_EQ(page.find("f00</script>"), std::string::npos);
  EXPECT_LT(page.find("<code>gone"), page.find("<code>f00")) << "worst first";
  EXPECT_LT(page.find("<code>f00"), page.find("<code>f01"));
  if (const char* file = std::getenv("ORRERY_REPORT_FIXTURE")) write_file_atomically(file, page);
}

TEST(ModelHealth, CountsByTheWorstVerdict) {
  const auto health = made_up_health();
  EXPECT_EQ(count_features(health, DriftVerdict::kOk), 20U);
  EXPECT_EQ(count_features(health, DriftVerdict::kWatch), 1U);
  EXPECT_EQ(count_features(health, DriftVerdict::kAct), 3U);
}

TEST(ModelHealth, LeavesOutIntervalsThatAreTooFew) {
  auto health = made_up_health();
  health.covered = {};
  EXPECT_EQ(render_model_health(health).find("data-chart=\"interval-coverage\""), std::string::npos);
}

}  // namespace
}  // namespace orrery::model_health_test
