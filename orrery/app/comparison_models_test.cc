#include "orrery/app/comparison_models.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <memory>

#include "orrery/app/run_study.h"
#include "orrery/base/files.h"
#include "orrery/base/random.h"
#include "plugins/providers/simulated.h"
#include "testing/study_plugins.h"
#include "testing/temporary_folder.h"

namespace orrery::comparison_models_test {
namespace {

using testing::study_plugins;

namespace fs = std::filesystem;

constexpr const char* kStudy = R"yaml(name: small
data:       {path: ohlcv.parquet}
factors:    {extra: {reversal_5: "Ref($close,5)/$close-1", volatility_20: "Std($close/Ref($close,1)-1,20)"}}
preprocess: {label: cs_rank_norm, features: [robust_zscore, {clip: 3}, {fill_na: 0}]}
model:      {name: lightgbm, params: {num_leaves: 8, num_iterations: 10, early_stopping: 0}}
validation: {train: 1y, valid: 3m, test: 6m}
portfolio:  {strategy: topk_dropout, k: 10, drop: 2}
seeds:      3
)yaml";

/// A small simulated market on disk for the whole suite.
class ComparisonModels : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<testing::TemporaryFolder>();
    root_ = folder_->path();
    plugins::providers::SimulatedMarketOptions options;
    options.instruments = 40;
    options.years = 2.2;
    options.seed = 7;
    options.signal_ic = 0.1;
    write_simulated_market(simulate_market(options), root_);
    write_file_atomically(root_ / "study.yaml", kStudy);
  }
  static void TearDownTestSuite() { folder_.reset(); }
  static Study study(const StudyOverrides& overrides = {}) {
    return read_study(root_ / "study.yaml", overrides, study_plugins());
  }
  static inline std::unique_ptr<testing::TemporaryFolder> folder_;
  static inline fs::path root_;
};

TEST_F(ComparisonModels, SayWhenTheModelDoesNotDependOnItsSeed) {
  const StudyRun run = run_study(study(), study_plugins(), {1});
  ASSERT_TRUE(run.evaluation.trust.seeds.has_value());
  EXPECT_FALSE(run.evaluation.trust.seeds->model_depends_on_seed);
  EXPECT_EQ(run.evaluation.trust.seeds->results.size(), 1u);
}

/// Bagging draws rows from the seed: each seed is what a run of the study with that seed is.
TEST_F(ComparisonModels, SeedsAreRunsOfTheStudyWithThatSeed) {
  const StudyOverrides bagging = {{"model.params.bagging_fraction", "0.5"},
                                  {"model.params.bagging_freq", "1"}};
  const StudyRun run = run_study(study(bagging), study_plugins(), {1});
  const SeedSpread& spread = *run.evaluation.trust.seeds;
  EXPECT_TRUE(spread.model_depends_on_seed);
  ASSERT_EQ(spread.results.size(), 3u);
  for (const SeedResult& found : spread.results) {
    StudyOverrides alone = bagging;
    alone.emplace_back("seed", std::to_string(found.seed));
    alone.emplace_back("baselines", "false");
    const StudyRun expected = run_study(study(alone), study_plugins(), {1});
    EXPECT_EQ(found.ic_mean, expected.evaluation.signal.ic.mean) << found.seed;
    EXPECT_EQ(found.rank_ic_mean, expected.evaluation.signal.rank_ic.mean) << found.seed;
    EXPECT_EQ(found.annual_return, expected.evaluation.performance.annual_return) << found.seed;
    EXPECT_EQ(found.sharpe, expected.evaluation.performance.sharpe) << found.seed;
  }
  EXPECT_NE(spread.results[0].sharpe, spread.results[1].sharpe);
}

const BaselineResult* ridge_of(const StudyRun& run) {
  for (const auto& result : run.evaluation.trust.baselines->simple) {
    if (result.key == "ridge") return &result;
  }
  return nullptr;
}

TEST_F(ComparisonModels, RidgeIsARunOfTheStudyWithRidge) {
  const StudyRun run = run_study(study({{"seeds", "1"}}), study_plugins(), {1});
  EXPECT_FALSE(run.evaluation.trust.seeds.has_value());
  const BaselineResult* found = ridge_of(run);
  ASSERT_NE(found, nullptr);
  const StudyRun expected = run_study(
      study({{"model.name", "ridge"}, {"model.params", "{}"}, {"baselines", "false"}}), study_plugins(), {1});
  EXPECT_EQ(found->rank_ic_mean, expected.evaluation.signal.rank_ic.mean);
  EXPECT_EQ(found->sharpe, expected.evaluation.performance.sharpe);
}

TEST_F(ComparisonModels, RidgeIsLeftOutBesideItself) {
  const StudyRun run =
      run_study(study({{"model.name", "ridge"}, {"model.params", "{}"}}), study_plugins(), {1});
  EXPECT_EQ(ridge_of(run), nullptr);
  EXPECT_FALSE(run.evaluation.trust.seeds->model_depends_on_seed);
}

/// LightGBM takes missing features as they are; ridge gets them filled.
TEST_F(ComparisonModels, RidgeStandsWhereFeaturesAreMissing) {
  const StudyRun run =
      run_study(study({{"preprocess.features", "[]"}, {"seeds", "1"}}), study_plugins(), {1});
  EXPECT_NE(ridge_of(run), nullptr);
}

/// A run explains its return without being asked; a file of factors that ends before it is told, not failed
/// on.
TEST_F(ComparisonModels, ARunHasAttributionExposureAndCapacity) {
  write_file_atomically(root_ / "factors.csv", "date,Mkt-RF,RF\n2001-01-02,0.5,0.01\n2001-01-03,-0.4,0.01\n");
  const StudyRun run =
      run_study(study({{"baselines", "false"}, {"attribution.factors", (root_ / "factors.csv").string()}}),
                study_plugins(), {1});
  ASSERT_TRUE(run.sources.has_value());
  const Attribution& attribution = run.sources->attribution;
  EXPECT_NEAR(attribution.universe.alpha, run.evaluation.performance.alpha, 1e-12);
  EXPECT_NEAR(attribution.universe.loadings.front().beta, run.evaluation.performance.beta, 1e-12);
  EXPECT_FALSE(attribution.factors.has_value());
  EXPECT_EQ(attribution.overlap->common, 0u);
  EXPECT_EQ(run.sources->exposure.dates.size(), run.evaluation.backtest.daily.size());
  EXPECT_GT(run.sources->capacity.trades, 100u);
}

}  // namespace
}  // namespace orrery::comparison_models_test
