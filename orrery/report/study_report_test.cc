#include "orrery/report/study_report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <string>

#include "orrery/base/files.h"
#include "orrery/report/assets.h"
#include "orrery/report/chart_data.h"
#include "orrery/report/html.h"
#include "orrery/report/metrics.h"
#include "testing/report_fixture.h"

namespace orrery::study_report_test {
namespace {

const StudyReport& fixture() {
  static const StudyReport report = testing::ReportFixture().make();
  return report;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// The page without the bundled script and styles: what this room wrote itself.
std::string own_part(const std::string& page) {
  std::string own = page;
  for (const std::string_view asset : {report_script(), report_style()}) {
    const auto found = own.find(asset);
    EXPECT_NE(found, std::string::npos);
    own.erase(found, asset.size());
  }
  return own;
}

TEST(Html, EscapesTextForContentAndAttributes) {
  EXPECT_EQ(html::escape("<b a=\"x\" b='y'>&\x01"), "&lt;b a=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
}

TEST(Html, WritesNumbersForPeople) {
  EXPECT_EQ(html::number(-1.25, 1), "−1.2");
  EXPECT_EQ(html::number(-0.001, 2), "0.00");
  EXPECT_EQ(html::number(std::nan(""), 2), "–");
  EXPECT_EQ(html::percent(0.0712), "7.1%");
  EXPECT_EQ(html::percent(std::nan("")), "–");
  EXPECT_EQ(html::signed_percent(0.02), "+2.0%");
  EXPECT_EQ(html::signed_percent(-0.02), "−2.0%");
  EXPECT_EQ(html::signed_percent(0.00001), "0.0%");
  EXPECT_EQ(html::count(1234567), "1,234,567");
  EXPECT_EQ(html::count(999), "999");
}

TEST(ChartData, RollingMeanSkipsMissingDays) {
  const std::vector<double> values = {1.0, std::nan(""), 3.0, 5.0};
  const std::vector<double> mean = rolling_mean(values, 2);
  EXPECT_TRUE(std::isnan(mean[0]));
  EXPECT_TRUE(std::isnan(mean[1]));
  EXPECT_EQ(mean[2], 2.0);
  EXPECT_EQ(mean[3], 4.0);
}

TEST(ChartData, ImportanceIsTheMeanShareOfTheFolds) {
  std::vector<FoldSection> folds(2);
  folds[0].importance = {{"A", 30.0}, {"B", 10.0}};
  folds[1].importance = {{"B", 4.0}, {"C", 4.0}};
  const ImportanceTable table = rank_importance(folds, 2);
  EXPECT_EQ(table.features, (std::vector<std::string>{"A", "B"}));
  EXPECT_DOUBLE_EQ(table.mean[0], 0.375);
  EXPECT_DOUBLE_EQ(table.mean[1], 0.375);
  EXPECT_EQ(table.folds[1][0], 0.0);
  EXPECT_DOUBLE_EQ(table.folds[1][1], 0.5);
}

TEST(ChartData, IsJsonWithoutMarkupAndKeepsSevenDigits) {
  StudyReport report = fixture();
  report.folds[0].importance[0].feature = "</script><script>alert(1)</script>";
  const std::string text = chart_data_json(report);
  EXPECT_FALSE(contains(text, "<"));
  const auto data = nlohmann::json::parse(text);
  EXPECT_EQ(data.at("equity").at("equity").size(), report.performance->dates.size());
  const double last = data.at("equity").at("equity").back();
  EXPECT_NEAR(last, report.performance->equity.back(), 1e-6);
  EXPECT_TRUE(data.at("information").at("rolling_60")[0].is_null());
}

TEST(StudyReport, EqualReportsGiveEqualBytes) {
  EXPECT_EQ(render_study_report(testing::ReportFixture().make()),
            render_study_report(testing::ReportFixture().make()));
}

TEST(StudyReport, HoldsEverySectionThatHasData) {
  const std::string page = render_study_report(fixture());
  for (const char* id : {"performance", "signal", "recommendations", "model", "data", "study"}) {
    EXPECT_TRUE(contains(page, std::string("<section id=\"") + id + "\"")) << id;
    EXPECT_TRUE(contains(page, std::string("<a href=\"#") + id + "\"")) << id;
  }
  for (const char* chart : {"equity", "information", "information-months", "rolling-information",
                            "interval-coverage", "outcome-fan", "decay", "quantile-means", "quantile-growth",
                            "importance", "explanation", "dependence", "sectors"}) {
    EXPECT_TRUE(contains(page, std::string("data-chart=\"") + chart + "\" role=\"img\" aria-label=\""))
        << chart;
  }
  EXPECT_FALSE(contains(page, "<section id=\"gain\""));
  EXPECT_FALSE(contains(own_part(page), "class=\"simulated\""));
}

TEST(StudyReport, LeavesOutWhatIsNotThere) {
  StudyReport report;
  report.name = "empty";
  const std::string page = own_part(render_study_report(report));
  EXPECT_FALSE(contains(page, "<section"));
  EXPECT_FALSE(contains(page, "data-chart"));
  EXPECT_FALSE(contains(page, "<dl"));
  EXPECT_TRUE(contains(page, "<h1>empty</h1>"));
  StudyReport scores_only = fixture();
  scores_only.performance.reset();
  const std::string signal_page = own_part(render_study_report(scores_only));
  EXPECT_TRUE(contains(signal_page, "<section id=\"signal\""));
  EXPECT_FALSE(contains(signal_page, "data-chart=\"equity\""));
}

TEST(StudyReport, ShowsTheGainLabelAgainstItsBaseRate) {
  StudyReport report = fixture();
  report.classification = testing::ReportFixture::make_classification();
  report.pick_returns = {{5, 1850, 0.0042}};
  const std::string page = render_study_report(report);
  EXPECT_TRUE(contains(page, "<section id=\"gain\""));
  EXPECT_TRUE(contains(page, "data-chart=\"reliability\""));
  EXPECT_TRUE(contains(page, "a blind guess gets 0.54%"));
  EXPECT_TRUE(contains(page, "+0.42%"));
}

/// Three regimes in turn, the first sessions without one.
RegimeReport make_regimes(const Performance& performance) {
  RegimeReport regimes;
  regimes.names = {"calm", "a <usual> one", "wild"};
  regimes.fits = 4;
  regimes.with = regimes.without = performance;
  regimes.dates = performance.dates;
  regimes.likely.resize(3);
  for (std::size_t i = 0; i < regimes.dates.size(); ++i) {
    const bool known = i >= 40;
    regimes.state.push_back(known ? static_cast<int>(i / 60 % 3) : -1);
    for (int k = 0; k < 3; ++k) {
      regimes.likely[static_cast<std::size_t>(k)].push_back(known ? (regimes.state.back() == k ? 0.8 : 0.1)
                                                                  : std::nan(""));
    }
  }
  RegimeResult wild;
  wild.name = "wild";
  wild.treatment = "0.4 of the weight";
  wild.sessions = 120;
  wild.annual_return = -0.031;
  regimes.results = {wild};
  return regimes;
}

TEST(StudyReport, ShowsTheRegimesAndTheResultWithoutThem) {
  EXPECT_FALSE(contains(render_study_report(fixture()), "Regimes of the market"));
  StudyReport report = fixture();
  report.regimes = make_regimes(*report.performance);
  const std::string page = own_part(render_study_report(report));
  EXPECT_TRUE(contains(page, "Regimes of the market"));
  EXPECT_TRUE(contains(page, "fitted 4 times and each time on the past alone"));
  EXPECT_TRUE(contains(page, "0.4 of the weight"));
  EXPECT_TRUE(contains(page, "−3.1%"));
  EXPECT_TRUE(contains(page, "without them"));
  const auto data = nlohmann::json::parse(chart_data_json(report)).at("regimes");
  EXPECT_EQ(data.at("state").size(), report.performance->dates.size());
  EXPECT_EQ(data.at("state")[0], -1);
  EXPECT_TRUE(data.at("likely")[0][0].is_null());
  report.regimes->fits = 0;
  EXPECT_TRUE(contains(render_study_report(report), "Rules on what was known at each close"));
}

TEST(StudyReport, SaysWhetherSurerScoresAreBetter) {
  StudyReport report = fixture();
  EXPECT_FALSE(contains(render_study_report(report), "(surest)"));
  report.trust->deviations = DeviationJudgement{
      "MC dropout, <30> passes", false, {{{0.1, 0.05, 0.02}, {0.3, 0.01, 0.03}}, 1200, 0.04, 2.5}};
  const std::string page = render_study_report(report);
  EXPECT_TRUE(contains(page, "MC dropout, &lt;30&gt; passes; the score alone, without the label's noise"));
  EXPECT_TRUE(contains(
      page,
      "Over 1,200 sessions the rank IC of the surest part exceeds that of the least sure one by 0.0400"));
  EXPECT_FALSE(contains(page, "which luck explains"));
  EXPECT_TRUE(contains(page, "1 (surest)"));
  EXPECT_TRUE(contains(page, "2 (least sure)"));
  report.trust->deviations->skill.difference_t = 1.9;
  EXPECT_TRUE(contains(render_study_report(report), "which luck explains"));
  report.trust->intervals.reset();
  const std::string alone = render_study_report(report);
  EXPECT_TRUE(contains(alone, "<section id=\"intervals\""));
  EXPECT_FALSE(contains(alone, "data-chart=\"interval-coverage\""));
}

TEST(StudyReport, AFoldWithoutValidationHasNoDatesFor1970) {
  StudyReport report = fixture();
  for (FoldSection& fold : report.folds) {
    fold.valid_first = fold.valid_last = Date{};
  }
  const std::string page = own_part(render_study_report(report));
  EXPECT_FALSE(contains(page, "1970-01-01"));
  EXPECT_FALSE(contains(page, "span valid"));
}

TEST(StudyReport, SaysThatItIsSimulated) {
  StudyReport report = fixture();
  report.banner = "SIMULATED, signal planted, IC = 0.03";
  const std::string page = own_part(render_study_report(report));
  EXPECT_TRUE(contains(page, "role=\"note\">SIMULATED, signal planted, IC = 0.03</p>"));
  EXPECT_TRUE(contains(page, "(simulated)</title>"));
  EXPECT_TRUE(
      contains(page, "\"banner\":\"SIMULATED, signal planted, IC = 0.03\""));  // drawn into every chart
}

TEST(StudyReport, EscapesEveryTextOfTheUser) {
  const std::string evil = "<img src=x onerror=alert(1)>\"'&";
  StudyReport report = fixture();
  report.name = report.banner = report.subtitle = report.label = report.study_yaml = report.importance_unit =
      evil;
  report.benchmark_name = evil;
  report.folds[0].importance[0].feature = evil;
  report.explanation->folds[0].contributions[0] = {evil, 1e6, 1.0};
  report.explanation->folds[0].dependence[0].feature = evil;
  report.recommendations[0].symbol = report.recommendations[0].sector = evil;
  report.sectors[0].sector = evil;
  report.data->source = evil;
  report.data->quarantined[0].first = evil;
  report.data->ignored_columns = {evil};
  report.data->notes = {evil};
  report.delistings[0].assumption = evil;
  report.method_notes = {evil};
  report.provenance = {{evil, evil}};
  report.classification = testing::ReportFixture::make_classification();
  const std::string page = own_part(render_study_report(report));
  EXPECT_FALSE(contains(page, "<img"));
  EXPECT_FALSE(contains(page, "x onerror=alert(1)>\""));
  EXPECT_TRUE(contains(page, "&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;"));
}

TEST(StudyReport, LoadsNothingFromOutside) {
  const std::string page = render_study_report(fixture());
  EXPECT_FALSE(std::regex_search(own_part(page), std::regex("https?://|//[a-z]+\\.|src=|<link|@import")));
  const std::string style(report_style());
  EXPECT_FALSE(std::regex_search(style, std::regex("url\\((?!\"?data:)|@import")));
  const std::string script(report_script());
  EXPECT_FALSE(contains(script, "</script"));
  EXPECT_FALSE(contains(style, "</style"));
  // The only addresses within the script are names: the SVG namespace and a licence.
  const std::regex address("https?://[^\"'\\s)]*");
  for (auto found = std::sregex_iterator(script.begin(), script.end(), address);
       found != std::sregex_iterator(); ++found) {
    const std::string text = found->str();
    EXPECT_TRUE(text.rfind("http://www.w3.org/", 0) == 0 || contains(text, "/LICENSE")) << text;
  }
  EXPECT_TRUE(contains(page, "default-src 'none'"));
}

TEST(StudyReport, SaysWhatTheTestCanDetect) {
  const std::string page = render_study_report(fixture());
  EXPECT_TRUE(contains(page, "This test can detect a mean rank IC above "));
  EXPECT_TRUE(contains(page, "anything smaller is indistinguishable from luck."));
}

TEST(StudyReport, StaysSmall) { EXPECT_LT(render_study_report(fixture()).size(), 1'000'000u); }

// The page that the browser test opens: ORRERY_REPORT_FIXTURE names the file to write.
TEST(StudyReport, IsWrittenWhole) {
  const char* wanted = std::getenv("ORRERY_REPORT_FIXTURE");
  const auto path =
      std::filesystem::path(wanted != nullptr ? wanted : ::testing::TempDir() + "report_fixture.html");
  StudyReport report = fixture();
  if (std::getenv("ORRERY_REPORT_REAL") == nullptr) {
    report.banner = "SIMULATED, signal planted, IC = 0.03";
    report.classification = testing::ReportFixture::make_classification();
    report.pick_returns = {{5, 1850, 0.0042}, {10, 3700, 0.0031}, {50, 18500, -0.0004}};
    report.regimes = make_regimes(*report.performance);
  }
  const std::string page = render_study_report(report);
  write_file_atomically(path, page);
  EXPECT_EQ(read_file(path), page);
}

TEST(Metrics, AreFlatUniqueAndHoldTheDocumentedKeys) {
  const ClassificationMetrics events = testing::ReportFixture::make_classification();
  const std::vector<Metric> metrics =
      flatten_metrics(&*fixture().evaluation, &*fixture().performance, &events);
  const auto json = nlohmann::json::parse(metrics_json(metrics));
  std::set<std::string> keys;
  for (const Metric& metric : metrics) {
    EXPECT_TRUE(keys.insert(metric.key).second) << metric.key;
    EXPECT_FALSE(metric.description.empty()) << metric.key;
    EXPECT_FALSE(json.at(metric.key).is_structured()) << metric.key;
  }
  for (const char* key : {"ic_mean", "rank_ic_mean", "icir", "annual_return", "annual_volatility", "sharpe",
                          "max_drawdown", "turnover_two_way", "rank_ic_mean_20_t", "precision_at_10"}) {
    EXPECT_EQ(keys.count(key), 1u) << key;
  }
  EXPECT_EQ(json.at("sharpe").get<double>(), fixture().performance->sharpe);
}

TEST(Metrics, MissingValuesAreNull) {
  const Performance nothing;
  const auto json = nlohmann::json::parse(metrics_json(flatten_metrics(nullptr, &nothing, nullptr)));
  EXPECT_TRUE(json.at("sharpe").is_null());
  EXPECT_TRUE(json.at("max_drawdown_peak").is_null());
  EXPECT_FALSE(json.contains("ic_mean"));
}

// ORRERY_WRITE_METRICS=docs/metrics.md writes the page again.
TEST(Metrics, TheReferencePageIsUpToDate) {
  if (const char* path = std::getenv("ORRERY_WRITE_METRICS"))
    write_file_atomically(path, metrics_reference());
  EXPECT_EQ(read_file("docs/metrics.md"), metrics_reference())
      << "run this test with ORRERY_WRITE_METRICS=docs/metrics.md";
}

}  // namespace
}  // namespace orrery::study_report_test
