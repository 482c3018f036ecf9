#include "orrery/app/study_robustness.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "orrery/base/error.h"
#include "testing/small_study.h"

namespace orrery::study_robustness_test {
namespace {

using testing::study_plugins;

constexpr const char* kFurther = R"yaml(model:      {name: ridge}
robustness: {scheme: cpcv, folds: 5, test_folds: 2}
portfolio:  {strategy: topk_dropout, k: 10, drop: 2}
baselines:  false
)yaml";

/// A small simulated market with a signal planted in reversal_5, and one without.
class StudyRobustness : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    planted_ = std::make_unique<testing::SmallStudy>(kFurther, testing::SmallStudyMarket{60, 0.1});
    null_ = std::make_unique<testing::SmallStudy>(kFurther, testing::SmallStudyMarket{60, 0.0});
  }
  static void TearDownTestSuite() {
    planted_.reset();
    null_.reset();
  }
  static Robustness robustness_of(const testing::SmallStudy& small, const StudyOverrides& overrides = {},
                                  int threads = 1) {
    return *run_study(small.read(overrides), study_plugins(), {threads}).evaluation.trust.robustness;
  }
  static std::string problem_of(const StudyOverrides& overrides) { return null_->problem_of(overrides); }
  static inline std::unique_ptr<testing::SmallStudy> planted_, null_;
};

/// Ten models, four paths; every fold has four models. A path's mean daily IC of 60 names over about 570 days
/// has a standard error of 1 / sqrt(59 × 570) = 0.0055: the part of the planted signal that two factors and
/// ridge see is at least five of them, a null market stays within five.
TEST_F(StudyRobustness, FindsAPlantedSignalOnEveryPathAndNoneInANullMarket) {
  const Robustness planted = robustness_of(*planted_);
  EXPECT_EQ(planted.splits, 10u);
  ASSERT_EQ(planted.paths.size(), 4u);
  ASSERT_EQ(planted.blocks.size(), 5u);
  for (const auto& block : planted.blocks) EXPECT_EQ(block.rank_ic.size(), 4u);
  for (const auto& path : planted.paths) {
    EXPECT_GT(path.ic_mean, 0.0275);
    EXPECT_GT(path.long_short_sharpe, 2.0);
    EXPECT_TRUE(std::isfinite(path.sharpe));
  }
  for (const auto& path : robustness_of(*null_).paths) EXPECT_LT(std::fabs(path.rank_ic_mean), 0.0275);
}

TEST_F(StudyRobustness, IsTheSameForAnyNumberOfThreads) {
  const Robustness one = robustness_of(*planted_);
  const Robustness many = robustness_of(*planted_, {}, 3);
  for (std::size_t i = 0; i < one.paths.size(); ++i) {
    EXPECT_EQ(one.paths[i].ic_mean, many.paths[i].ic_mean);
    EXPECT_EQ(one.paths[i].sharpe, many.paths[i].sharpe);
    EXPECT_EQ(one.paths[i].long_short_sharpe, many.paths[i].long_short_sharpe);
  }
}

TEST_F(StudyRobustness, PurgedKFoldIsOnePath) {
  const Robustness result = robustness_of(*planted_, {{"robustness", "{scheme: purged_kfold, folds: 4}"}});
  EXPECT_EQ(result.scheme, "purged_kfold");
  EXPECT_EQ(result.paths.size(), 1u);
  EXPECT_EQ(result.splits, 4u);
  for (const auto& block : result.blocks) EXPECT_EQ(block.sharpe.size(), 1u);
}

/// The default label is known two sessions later; a hundredth of the 2.2 years is more.
TEST_F(StudyRobustness, EmbargoIsAHundredthOfTheSampleUnlessToldOtherwise) {
  const Robustness by_default = robustness_of(*planted_);
  EXPECT_EQ(by_default.purge_rows, 2);
  EXPECT_EQ(by_default.embargo_rows, 6);
  EXPECT_EQ(robustness_of(*planted_, {{"robustness.embargo", "11"}}).embargo_rows, 11);
}

TEST_F(StudyRobustness, ValidatesWithTheShareOfTheFirstFold) {
  const Study study = null_->read();
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
