#include "orrery/app/study_explanation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>

#include "orrery/app/run_folder.h"
#include "orrery/app/stored_run.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/parquet.h"
#include "plugins/providers/simulated.h"
#include "testing/study_plugins.h"
#include "testing/temporary_folder.h"

namespace orrery::study_explanation_test {
namespace {

using testing::study_plugins;

namespace fs = std::filesystem;

constexpr const char* kStudy = R"yaml(name: small
data:       {path: market/ohlcv.parquet}
factors:    {extra: {reversal_5: "Ref($close,5)/$close-1", volatility_20: "Std($close/Ref($close,1)-1,20)",
                     range_5: "Mean($high/$low-1,5)", volatility_60: "Std($close/Ref($close,1)-1,60)"}}
preprocess: {label: cs_rank_norm, features: [robust_zscore, {clip: 3}, {fill_na: 0}]}
model:      {name: lightgbm, params: {num_iterations: 30, num_leaves: 8}}
validation: {train: 1y, valid: 3m, test: 4m}
explain:    {samples: 200, permutation: true, top: 2, repeats: 4, sessions: 30}
portfolio:  {strategy: topk_dropout, k: 10, drop: 2}
baselines:  false
)yaml";

/// A market with a signal planted in reversal_5.
class StudyExplanations : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<testing::TemporaryFolder>();
    plugins::providers::SimulatedMarketOptions options;
    options.instruments = 60;
    options.years = 2.2;
    options.seed = 7;
    options.signal_ic = 0.1;
    write_simulated_market(simulate_market(options), folder_->path() / "market");
    write_file_atomically(folder_->path() / "study.yaml", kStudy);
  }
  static void TearDownTestSuite() { folder_.reset(); }

  static Study study(const StudyOverrides& overrides = {}) {
    return read_study(folder_->path() / "study.yaml", overrides, study_plugins());
  }
  static StudyRun run(const StudyOverrides& overrides = {}, int threads = 1) {
    return run_study(study(overrides), study_plugins(), {threads});
  }
  static std::string problem_of(const StudyOverrides& overrides) {
    try {
      study(overrides);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }
  static inline std::unique_ptr<testing::TemporaryFolder> folder_;
};

TEST_F(StudyExplanations, FindThePlantedSignal) {
  const StudyRun made = run();
  ASSERT_TRUE(made.explanation.told.has_value());
  const ModelExplanation& told = *made.explanation.told;
  EXPECT_EQ(told.method, "TreeSHAP");
  EXPECT_EQ(told.unit, "score");
  ASSERT_EQ(told.folds.size(), made.walk.folds.size());
  ASSERT_GE(told.folds.size(), 2u);
  const auto ranked = rank_explained(told, 4);
  ASSERT_EQ(ranked.size(), 4u);
  EXPECT_EQ(ranked[0].feature, "reversal_5");
  EXPECT_GT(ranked[0].relation, 0.7);  // what fell rises
  EXPECT_GT(ranked[0].drop, 0.0);
  for (const auto& fold : told.folds) {
    EXPECT_EQ(fold.samples, 200u);
    ASSERT_TRUE(fold.permutation.has_value());
    EXPECT_GE(fold.permutation->sessions, 28u);  // the last ones have no return yet
    EXPECT_EQ(fold.permutation->features.size(), 2u);
    ASSERT_EQ(fold.dependence.size(), 2u);
    EXPECT_EQ(fold.dependence[0].feature, "reversal_5");
    EXPECT_GT(fold.dependence[0].scores.back(), fold.dependence[0].scores.front());
  }
}

TEST_F(StudyExplanations, AreOfTheRunsOwnScoresAndLieInItsFolder) {
  StudyRun made = run();
  const fs::path folder = folder_->path() / "out" / "run";
  write_run_folder(study(), made, folder, "", {1});
  for (std::size_t f = 0; f < made.walk.folds.size(); ++f) {
    const Table table =
        read_parquet(folder / "explanation" / ("contributions_" + std::to_string(f + 1) + ".parquet"));
    ASSERT_EQ(table.rows(), 200u);
    ASSERT_EQ(table.columns.size(), 3u + 4u);
    for (std::size_t i = 0; i < table.rows(); ++i) {
      double sum = 0.0;
      for (std::size_t c = 2; c < table.columns.size(); ++c) sum += numbers_of(table.columns[c])[i];
      const Sample cell = made.explanation.cells[f].cells[i];
      EXPECT_NEAR(sum, made.walk.scores(cell.row, cell.instrument), 1e-12);
      EXPECT_EQ(text_at(table.column("symbol"), i), made.prices.market.symbols[cell.instrument]);
      EXPECT_EQ(dates_of(table.column("date"))[i], made.prices.market.dates[cell.row]);
    }
  }
  const Table features = read_parquet(folder / "explanation" / "features.parquet");
  EXPECT_EQ(features.rows(), 4 * made.walk.folds.size());
  const auto drops = numbers_of(features.column("rank_ic_drop"));
  EXPECT_EQ(static_cast<std::size_t>(
                std::count_if(drops.begin(), drops.end(), [](double v) { return !std::isnan(v); })),
            2 * made.walk.folds.size());
  EXPECT_GT(read_parquet(folder / "explanation" / "dependence.parquet").rows(), 20u);
  EXPECT_NE(read_file(folder / "report.html").find("<section id=\"explanation\""), std::string::npos);
}

TEST_F(StudyExplanations, DoNotDependOnThreads) {
  const StudyRun one = run({}, 1);
  const StudyRun two = run({}, 2);
  for (std::size_t f = 0; f < one.explanation.cells.size(); ++f) {
    EXPECT_EQ(one.explanation.cells[f].contributions, two.explanation.cells[f].contributions);
    const auto& a = one.explanation.told->folds[f];
    const auto& b = two.explanation.told->folds[f];
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(a.permutation->features[i].mean_drop, b.permutation->features[i].mean_drop);
      EXPECT_EQ(a.dependence[i].scores, b.dependence[i].scores);
    }
  }
}

TEST_F(StudyExplanations, AreMadeAsTheStudySays) {
  EXPECT_FALSE(run({{"explain", "false"}}).explanation.told.has_value());
  const auto plain = run({{"explain", "true"}}).explanation.told;
  ASSERT_TRUE(plain.has_value());
  EXPECT_FALSE(plain->folds[0].permutation.has_value());
  EXPECT_EQ(plain->folds[0].samples, 500u);
  EXPECT_NE(problem_of({{"explain.sample", "3"}}).find("did you mean 'samples'"), std::string::npos);
  EXPECT_NE(problem_of({{"explain.top", "0"}}).find("at least 1"), std::string::npos);
  EXPECT_NE(problem_of({{"explain", "maybe"}}).find("explain: must be true or false"), std::string::npos);
  EXPECT_EQ(problem_of({{"explain", "false"}}), "");
}

TEST_F(StudyExplanations, KnowSelectedFeaturesOnly) {
  const auto told = run({{"select", "{top: 2, max_correlation: 1}"}}).explanation.told;
  ASSERT_TRUE(told.has_value());
  for (const auto& fold : told->folds) EXPECT_EQ(fold.contributions.size(), 2u);
}

}  // namespace
}  // namespace orrery::study_explanation_test
