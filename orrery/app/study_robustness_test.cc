#include "orrery/app/study_robustness.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <memory>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "plugins/providers/simulated.h"
#include "testing/study_plugins.h"
#include "testing/temporary_folder.h"

namespace orrery::study_robustness_test {
namespace {

using testing::study_plugins;

namespace fs = std::filesystem;

constexpr const char* kStudy = R"yaml(name: small
data:       {path: ohlcv.parquet}
factors:    {extra: {reversal_5: "Ref($close,5)/$close-1", volatility_20: "Std($close/Ref($close,1)-1,20)"}}
preprocess: {label: cs_rank_norm, features: [robust_zscore, {clip: 3}, {fill_na: 0}]}
model:      {name: ridge}
validation: {train: 1y, valid: 3m, test: 6m}
robustness: {scheme: cpcv, folds: 5, test_folds: 2}
portfolio:  {strategy: topk_dropout, k: 10, drop: 2}
baselines:  false
)yaml";

/// A small simulated market with a signal planted in reversal_5, and one without.
class StudyRobustness : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<testing::TemporaryFolder>();
    root_ = folder_->path();
    for (const double ic : {0.1, 0.0}) {
      plugins::providers::SimulatedMarketOptions options;
      options.instruments = 60;
      options.years = 2.2;
      options.seed = 7;
      options.signal_ic = ic;
      const auto market = root_ / (ic > 0.0 ? "planted" : "null");
      write_simulated_market(simulate_market(options), market);
      write_file_atomically(market / "study.yaml", kStudy);
    }
  }
  static void TearDownTestSuite() { folder_.reset(); }
  static Robustness robustness_of(const std::string& market, const StudyOverrides& overrides = {},
                                  int threads = 1) {
    const Study study = read_study(root_ / market / "study.yaml", overrides, study_plugins());
    return *run_study(study, study_plugins(), {threads}).evaluation.trust.robustness;
  }
  static std::string problem_of(const StudyOverrides& overrides) {
    try {
      read_study(root_ / "null" / "study.yaml", overrides, study_plugins());
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  }
  static inline std::unique_ptr<testing::TemporaryFolder> folder_;
  static inline fs::path root_;
};

/// Ten models, four paths; every fold has four models. A path's mean daily IC of 60 names over about 570 days
/// has a standard error of 1 / sqrt(59 × 570) = 0.0055: the part of the planted signal that two factors and
/// ridge see is at least five of them, a null market stays within five.
TEST_F(StudyRobustness, FindsAPlantedSignalOnEveryPathAndNoneInANullMarket) {
  const Robustness planted = robustness_of("planted");
  EXPECT_EQ(planted.splits, 10u);
  ASSERT_EQ(planted.paths.size(), 4u);
  ASSERT_EQ(planted.blocks.size(), 5u);
  for (const auto& block : planted.blocks) EXPECT_EQ(block.rank_ic.size(), 4u);
  for (const auto& path : planted.paths) {
    EXPECT_GT(path.ic_mean, 0.0275);
    EXPECT_GT(path.long_short_sharpe, 2.0);
    EXPECT_TRUE(std::isfinite(path.sharpe));
  }
  for (const auto& path : robustness_of("null").paths) EXPECT_LT(std::fabs(path.rank_ic_mean), 0.0275);
}

TEST_F(StudyRobustness, IsTheSameForAnyNumberOfThreads) {
  const Robustness one = robustness_of("planted");
  const Robustness many = robustness_of("planted", {}, 3);
  for (std::size_t i = 0; i < one.paths.size(); ++i) {
    EXPECT_EQ(one.paths[i].ic_mean, many.paths[i].ic_mean);
    EXPECT_EQ(one.paths[i].sharpe, many.paths[i].sharpe);
    EXPECT_EQ(one.paths[i].long_short_sharpe, many.paths[i].long_short_sharpe);
  }
}

TEST_F(StudyRobustness, PurgedKFoldIsOnePath) {
  const Robustness result = robustness_of("planted", {{"robustness", "{scheme: purged_kfold, folds: 4}"}});
  EXPECT_EQ(result.scheme, "purged_kfold");
  EXPECT_EQ(result.paths.size(), 1u);
  EXPECT_EQ(result.splits, 4u);
  for (const auto& block : result.blocks) EXPECT_EQ(block.sharpe.size(), 1u);
}

/// The default label is known two sessions later; a hundredth of the 2.2 years is more.
TEST_F(StudyRobustness, EmbargoIsAHundredthOfTheSampleUnlessToldOtherwise) {
  const Robustness by_default = robustness_of("planted");
  EXPECT_EQ(by_default.purge_rows, 2);
  EXPECT_EQ(by_default.embargo_rows, 6);
  EXPECT_EQ(robustness_of("planted", {{"robustness.embargo", "11"}}).embargo_rows, 11);
}

TEST_F(StudyRobustness, ValidatesWithTheShareOfTheFirstFold) {
  const Study study = read_study(root_ / "null" / "study.yaml", {}, study_plugins());
  const auto spec = robustness_spec(study, {{{0, 200}, {200, 250}, {250, 300}}}, 1);
  EXPECT_EQ(spec.valid_share, 0.2);
  EXPECT_EQ(spec.sample, (RowRange{0, 300}));
  EXPECT_EQ(spec.splits.embargo_rows, 3);
}

TEST_F(StudyRobustness, SaysWhatIsWrongWithItsKeys) {
  EXPECT_EQ(problem_of({{"robustness.folds", "6"}}), "");
  EXPECT_NE(problem_of({{"robustness.folds", "2"}}).find("robustness.test_folds: must be fewer than the 2"),
            std::string::npos);
  EXPECT_NE(problem_of({{"robustness.test_folds", "1"}}).find("robustness.test_folds"), std::string::npos);
  EXPECT_NE(problem_of({{"robustness.scheme", "purged_kfold"}}).find("tests one fold at a time"),
            std::string::npos);
  EXPECT_NE(problem_of({{"robustness.embargo", "soon"}}).find("robustness.embargo"), std::string::npos);
  EXPECT_NE(problem_of({{"validation.scheme", "cpcv"}})
                .find("cpcv is no tradable history, and what a study trades is: keep walk_forward here and "
                      "write robustness: {scheme: cpcv, …} beside validation"),
            std::string::npos);
  EXPECT_NE(problem_of({{"validation.scheme", "walkforward"}}).find("walk_forward"), std::string::npos);
}

}  // namespace
}  // namespace orrery::study_robustness_test
