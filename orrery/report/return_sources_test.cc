#include "orrery/report/return_sources.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "orrery/report/metric_parts.h"
#include "orrery/report/study_report.h"
#include "testing/report_fixture.h"

namespace orrery::return_sources_test {
namespace {

const StudyReport& fixture() {
  static const StudyReport report = testing::ReportFixture().make();
  return report;
}

bool contains(const std::string& page, std::string_view part) { return page.find(part) != std::string::npos; }

TEST(AttributionSection, ShowsBothRegressionsAndWhatTheFileLacks) {
  const std::string page = render_study_report(fixture());
  EXPECT_TRUE(contains(page, "<section id=\"attribution\""));
  EXPECT_TRUE(contains(page, "On the equal-weight universe"));
  EXPECT_TRUE(contains(page, "On the factors of <code>factors_daily.csv</code>"));
  EXPECT_TRUE(contains(page, "has 360 of the run&#39;s 370 sessions") ||
              contains(page, "has 360 of the run's 370 sessions"));
  EXPECT_TRUE(contains(page, "data-chart=\"exposure\""));
}

TEST(AttributionSection, SaysWhenTheFileEndsBeforeTheRun) {
  StudyReport report = fixture();
  Attribution& attribution = report.sources->attribution;
  attribution.factors.reset();
  attribution.overlap->last = make_date(2012, 3, 30);
  attribution.overlap->first = make_date(2010, 1, 4);
  attribution.overlap->common = 0;
  const std::string page = render_study_report(report);
  EXPECT_TRUE(contains(page, "it covers 2010-01-04 to 2012-03-30, which is none of the run's 370 sessions"));
  EXPECT_TRUE(contains(page, "The universe explains"));
  attribution.overlap.reset();
  EXPECT_TRUE(contains(render_study_report(report), "The study names no file of factor returns"));
}

TEST(AttributionSection, EscapesNamesOfTheFile) {
  StudyReport report = fixture();
  report.sources->attribution.overlap->file = "<img src=x>";
  report.sources->attribution.factors->loadings[0].factor = "<img src=x>";
  EXPECT_FALSE(contains(render_study_report(report), "<img src=x>"));
}

TEST(CapacitySection, SaysWhereTheResultIsGone) {
  StudyReport report = fixture();
  Capacity& capacity = report.sources->capacity;
  capacity.sharpe = 1.5;
  capacity.assets_at_half_sharpe = 123456789.0;
  capacity.excess_annual_return = 0.04;
  capacity.assets_at_no_excess = std::numeric_limits<double>::infinity();
  std::string page = render_study_report(report);
  EXPECT_TRUE(contains(page, "Half of the net Sharpe ratio of 1.50 is gone at <b>about 120 million</b>."));
  EXPECT_TRUE(contains(page, "is gone at <b>more than any amount</b>."));
  capacity.sharpe = -0.6;
  capacity.excess_annual_return = -0.11;
  page = render_study_report(report);
  EXPECT_TRUE(contains(page, "The net Sharpe ratio is not positive even without impact (−0.60)"));
  EXPECT_TRUE(
      contains(page, "It earned no more than the equal-weight universe to begin with (−11.0% a year)."));
}

TEST(ReturnSources, MetricsAreFlatUniqueAndDescribed) {
  std::vector<Metric> metrics;
  append_source_metrics(*fixture().sources, metrics);
  std::set<std::string> keys;
  for (const Metric& metric : metrics) {
    EXPECT_TRUE(keys.insert(metric.key).second) << metric.key;
    EXPECT_FALSE(metric.description.empty()) << metric.key;
  }
  for (const char* key : {"factor_alpha", "factor_beta_mkt_rf", "factor_beta_smb_t", "exposure_size",
                          "capacity_half_sharpe", "sharpe_at_assets_10000_million"}) {
    EXPECT_EQ(keys.count(key), 1u) << key;
  }
}

}  // namespace
}  // namespace orrery::return_sources_test
