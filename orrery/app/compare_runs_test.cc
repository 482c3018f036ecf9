#include "orrery/app/compare_runs.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/parquet.h"
#include "testing/temporary_folder.h"

namespace orrery::compare_runs_test {
namespace {

namespace fs = std::filesystem;

/// Writes the parts of a run folder that a comparison reads, by hand.
StoredRun write_run(const fs::path& folder, const std::string& study, const std::vector<double>& returns,
                    const std::vector<double>& rank_ic, int first_day) {
  fs::create_directories(folder);
  std::vector<Date> dates;
  for (std::size_t i = 0; i < returns.size(); ++i) dates.push_back({first_day + static_cast<int>(i)});
  write_parquet({{{"date", dates}, {"net_return", returns}}}, folder / "equity.parquet");
  write_parquet({{{"date", dates}, {"ic", rank_ic}, {"rank_ic", rank_ic}}}, folder / "daily_ic.parquet");
  std::vector<Date> score_dates(6, dates.front());
  std::vector<std::string> symbols = {"A", "B", "C", "D", "E", "F"};
  std::vector<double> scores = {1, 2, 3, 4, 5, returns.front()};
  write_parquet({{{"date", score_dates}, {"symbol", symbols}, {"score", scores}}},
                folder / "predictions.parquet");
  const nlohmann::json manifest = {
      {"name", "small"},
      {"study", study},
      {"data", {{"fingerprint", "f"}}},
      {"folds", {{{"test", {to_string(dates.front()), to_string(dates.back())}}}}}};
  write_file_atomically(folder / "manifest.json", manifest.dump());
  const nlohmann::json metrics = {{"sharpe", 1.0},   {"periods", 4},    {"periods_per_year", 252.0},
                                  {"skewness", 0.0}, {"kurtosis", 3.0}, {"deflated_sharpe", nullptr}};
  write_file_atomically(folder / "metrics.json", metrics.dump());
  return read_stored_run(folder);
}

/// Three common sessions, by hand: returns (0.02, 0.03, 0.04) and (0.01, 0.01, 0.01), differences 0.01, 0.02,
/// 0.03. The least resampled mean is 0.01 and the greatest 0.03, each at 1 draw of 27 (3.7 % > 2.5 %), so
/// that the interval is exactly that; no |m* - 0.02| reaches 0.02, so that p is 1 / 10001.
TEST(CompareRuns, IsExactOnThreeSessions) {
  const testing::TemporaryFolder root;
  const auto a = write_run(root.path() / "a", "name: x\nportfolio: {k: 5}", {0.01, 0.02, 0.03, 0.04},
                           {0.5, 0.1, 0.1, 0.1}, 9);
  const auto b = write_run(root.path() / "b", "name: x\nportfolio: {k: 9}", {0.01, 0.01, 0.01, 0.9},
                           {0.1, 0.1, 0.1, 0.1}, 10);
  const auto comparison = compare_runs(a, b, {root.path() / "trials.sqlite"});
  const auto& test = comparison.report.tests.at(2);
  EXPECT_EQ(test.sessions, 3u);
  EXPECT_NEAR(test.difference, 0.02, 1e-15);
  EXPECT_NEAR(test.mean_a, 0.03, 1e-15);
  EXPECT_NEAR(test.low, 0.01, 1e-15);
  EXPECT_NEAR(test.high, 0.03, 1e-15);
  EXPECT_DOUBLE_EQ(test.p_value, 1.0 / 10001.0);
  EXPECT_EQ(comparison.report.tests.at(0).p_value, 1.0) << "equal rank IC on the common sessions";
  EXPECT_NEAR(comparison.report.equity_a.back(), 1.02 * 1.03 * 1.04, 1e-15);
  EXPECT_NEAR(comparison.report.ratio.front(), 1.02 / 1.01 - 1.0, 1e-15);
  EXPECT_EQ(comparison.verdict_a.distinct_trials, 1u);
  const auto json = nlohmann::json::parse(comparison_json(comparison));
  EXPECT_EQ(json["study_differences"][0]["key"], "portfolio.k");
  EXPECT_EQ(json["a"]["ledger"]["pbo"], nullptr);
}

TEST(CompareRuns, ARunIsLikeItself) {
  const testing::TemporaryFolder root;
  const auto a = write_run(root.path() / "a", "name: x", {0.01, 0.02, -0.03, 0.04}, {0.5, 0.1, 0.2, 0.1}, 9);
  const auto report = compare_runs(a, a, {root.path() / "trials.sqlite"}).report;
  EXPECT_TRUE(report.differences.empty());
  EXPECT_DOUBLE_EQ(report.score_correlation, 1.0);
  EXPECT_DOUBLE_EQ(report.return_correlation, 1.0);
  for (const auto& test : report.tests) EXPECT_EQ(test.p_value, 1.0) << test.name;
}

TEST(CompareRuns, SaysWhatAnOldRunLacks) {
  const testing::TemporaryFolder root;
  const auto a = write_run(root.path() / "a", "name: x", {0.01, 0.02, -0.03}, {0.5, 0.1, 0.2}, 9);
  fs::remove(a.folder / "daily_ic.parquet");
  const auto report = compare_runs(a, a, {root.path() / "trials.sqlite"}).report;
  EXPECT_NE(report.tests.at(0).unavailable.find("daily_ic.parquet"), std::string::npos);
  EXPECT_TRUE(report.tests.at(2).unavailable.empty());
}

TEST(StudyDifferences, AreFoundKeyByKey) {
  const auto found = study_differences("name: a\nmodel: {name: ridge}\nfactors: {files: [x, y]}",
                                       "name: a\nmodel: {name: lightgbm}\nseed: 8\nfactors: {files: [x]}");
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].key, "model.name");
  EXPECT_EQ(found[1].a, "[x, y]");
  EXPECT_EQ(found[2].key, "seed");
  EXPECT_EQ(found[2].a, "");
}

TEST(FindRun, NamesWhatIsThere) {
  const testing::TemporaryFolder root;
  write_run(root.path() / "first", "name: x", {0.01, 0.02}, {0.5, 0.1}, 9);
  EXPECT_EQ(find_run("first", root.path()), root.path() / "first");
  try {
    find_run("second", root.path());
    FAIL() << "found a run that is not there";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("first"), std::string::npos);
  }
}

TEST(RenderComparison, IsOnePageWithEverythingEscaped) {
  const testing::TemporaryFolder root;
  const auto a = write_run(root.path() / "a", "name: x\nfactors: {extra: {f: \"<b>\"}}", {0.01, 0.02, -0.03},
                           {0.5, 0.1, 0.2}, 9);
  const auto b = write_run(root.path() / "b", "name: x", {0.01, 0.03, -0.03}, {0.5, 0.1, 0.2}, 9);
  const auto page = render_comparison(compare_runs(a, b, {root.path() / "trials.sqlite"}).report);
  EXPECT_NE(page.find("&lt;b&gt;"), std::string::npos);
  EXPECT_EQ(page.find("<b></code>"), std::string::npos);
  EXPECT_NE(page.find("data-chart=\"comparison\""), std::string::npos);
}

}  // namespace
}  // namespace orrery::compare_runs_test
