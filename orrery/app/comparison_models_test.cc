#include "orrery/app/comparison_models.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "orrery/app/run_study.h"
#include "orrery/base/files.h"
#include "orrery/base/random.h"
#include "testing/small_study.h"

namespace orrery::comparison_models_test {
namespace {

using testing::study_plugins;

constexpr const char* kFurther =
    R"yaml(model:      {name: lightgbm, params: {num_leaves: 8, num_iterations: 10, early_stopping: 0}}
portfolio:  {strategy: topk_dropout, k: 10, drop: 2}
seeds:      3
)yaml";

/// A small simulated market on disk for the whole suite.
class ComparisonModels : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { small_ = std::make_unique<testing::SmallStudy>(kFurther); }
  static void TearDownTestSuite() { small_.reset(); }
  static Study study(const StudyOverrides& overrides = {}) { return small_->read(overrides); }
  static inline std::unique_ptr<testing::SmallStudy> small_;
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
  const auto factors = small_->folder() / "factors.csv";
  write_file_atomically(factors, "date,Mkt-RF,RF\n2001-01-02,0.5,0.01\n2001-01-03,-0.4,0.01\n");
  const StudyRun run = run_study(study({{"baselines", "false"}, {"attribution.factors", factors.string()}}),
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
