#include "orrery/app/tune_study.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "orrery/app/run_study.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/parquet.h"
#include "orrery/data/trial_ledger.h"
#include "testing/changed_future.h"
#include "testing/small_study.h"
#include "testing/temporary_folder.h"

namespace orrery::tune_study_test {
namespace {

using testing::study_plugins;
using State = TuningRecord::State;

namespace fs = std::filesystem;

constexpr const char* kFurther =
    R"yaml(model:      {name: lightgbm, params: {num_iterations: 10, early_stopping: 0}}
tune:
  trials: 6
  pruner: none
  parameters:
    num_leaves: {log_integer: [2, 64]}
    learning_rate: {log_uniform: [0.001, 0.3]}
    feature_fraction: {uniform: [0.5, 1.0]}
    boosting: {choice: [gbdt, dart]}
)yaml";

/// A small simulated market, and a folder of its own for each test.
class TuneStudy : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { small_ = std::make_unique<testing::SmallStudy>(kFurther); }
  static void TearDownTestSuite() { small_.reset(); }
  static Study study(const StudyOverrides& overrides = {}) { return small_->read(overrides); }
  TuneOptions options(const std::string& name) const {
    return {1, own_.path() / name, own_.path() / "trials.sqlite"};
  }
  static std::string problem_of(const StudyOverrides& overrides) { return small_->problem_of(overrides); }

  testing::TemporaryFolder own_;
  static inline std::unique_ptr<testing::SmallStudy> small_;
};

std::vector<double> losses_of(const TuneResult& result) {
  std::vector<double> losses;
  for (const auto& trial : result.trials) losses.push_back(trial.loss);
  return losses;
}

TEST_F(TuneStudy, FindsTheBestOfItsTrialsAndCountsThemInTheLedger) {
  const auto result = tune_study(study(), study_plugins(), options("a"));
  ASSERT_EQ(result.trials.size(), 6u);
  for (const auto& trial : result.trials) {
    EXPECT_EQ(trial.state, State::kComplete);
    EXPECT_EQ(trial.steps.size(), 4u);
    EXPECT_GE(trial.loss, result.trials[*result.best].loss);
  }
  const auto recorded = TrialLedger(own_.path() / "trials.sqlite").trials();
  ASSERT_EQ(recorded.size(), 6u);
  EXPECT_EQ(recorded.front().trial.study, "small (tune)");
  EXPECT_FALSE(recorded.front().outcome->failed);
  EXPECT_EQ(result.verdict.distinct_trials, 6u);
  const auto yaml = best_model_yaml(study(), result);
  EXPECT_NE(yaml.find("lightgbm"), std::string::npos);
  EXPECT_NE(yaml.find("learning_rate"), std::string::npos);
  EXPECT_EQ(yaml.find("tune"), std::string::npos);
}

/// Whatever the tested sessions hold, no trial sees it: prices from the first tested session on are others,
/// and every loss is the same to the bit.
TEST_F(TuneStudy, NeverSeesATestedSession) {
  const Study own = study();
  const auto dates = read_study_prices(own, {1}, silent_progress()).market.dates;
  const auto first = study_folds(own, dates).front().test.begin;
  const auto market = own_.path() / "market";
  fs::create_directories(market);
  fs::copy_file(small_->file(), market / "study.yaml");
  testing::change_future(small_->folder() / "ohlcv.parquet", market / "ohlcv.parquet", dates[first]);
  const Study changed = read_study(market / "study.yaml", {}, study_plugins());
  const auto result = tune_study(own, study_plugins(), options("own"));
  EXPECT_EQ(losses_of(tune_study(changed, study_plugins(), options("changed"))), losses_of(result));
  EXPECT_EQ(result.validated.back().end + 2, first);
}

TEST_F(TuneStudy, GoesOnWhereItWasAndRepeatsItself) {
  const auto whole = tune_study(study(), study_plugins(), options("whole"));
  auto first = options("parts");
  tune_study(study({{"tune.trials", "2"}}), study_plugins(), first);
  const auto parts = tune_study(study(), study_plugins(), first);
  EXPECT_EQ(parts.begun_here, 4u);
  EXPECT_EQ(losses_of(parts), losses_of(whole));
  EXPECT_EQ(tune_study(study(), study_plugins(), first).begun_here, 0u);
}

/// Nine trials are more than a generation, seven, of the three numbers.
TEST_F(TuneStudy, GoesOnWithCmaesWhereItWas) {
  const StudyOverrides cmaes = {{"tune.sampler", "cmaes"}, {"tune.trials", "9"}};
  const auto whole = tune_study(study(cmaes), study_plugins(), options("whole"));
  tune_study(study({{"tune.sampler", "cmaes"}, {"tune.trials", "5"}}), study_plugins(), options("parts"));
  EXPECT_EQ(losses_of(tune_study(study(cmaes), study_plugins(), options("parts"))), losses_of(whole));
  EXPECT_NE(losses_of(whole),
            losses_of(tune_study(study({{"tune.trials", "9"}}), study_plugins(), options("tpe"))));
}

TEST_F(TuneStudy, StopsOnRequestAndGoesOn) {
  auto stopped = options("stopped");
  int asked = 0;
  stopped.cancelled = [&] { return ++asked > 200; };
  const auto part = tune_study(study(), study_plugins(), stopped);
  EXPECT_TRUE(part.stopped);
  EXPECT_EQ(part.trials.back().state, State::kFailed);
  const auto rest = tune_study(study(), study_plugins(), options("stopped"));
  EXPECT_FALSE(rest.stopped);
  EXPECT_EQ(std::count_if(rest.trials.begin(), rest.trials.end(),
                          [](const auto& trial) { return trial.state == State::kComplete; }),
            6);
}

TEST_F(TuneStudy, PrunesWhatIsWorse) {
  const auto result = tune_study(
      study({{"tune.trials", "12"}, {"tune.pruner", "successive_halving"}, {"tune.sampler", "random"}}),
      study_plugins(), options("pruned"));
  const auto pruned = std::count_if(result.trials.begin(), result.trials.end(),
                                    [](const auto& trial) { return trial.state == State::kPruned; });
  EXPECT_GE(pruned, 3);
  ASSERT_TRUE(result.best.has_value());
}

TEST_F(TuneStudy, RefusesTheFolderOfAnotherSearch) {
  tune_study(study({{"tune.trials", "1"}}), study_plugins(), options("a"));
  EXPECT_THROW(tune_study(study({{"tune.objective", "loss"}}), study_plugins(), options("a")), Error);
  EXPECT_THROW(tune_study(study({{"model.params.num_iterations", "11"}}), study_plugins(), options("a")),
               Error);
}

TEST_F(TuneStudy, SaysWhatIsWrongWithItsKeys) {
  const std::string range = "tune.parameters.learning_rate";
  EXPECT_NE(problem_of({{range, "{uniform: [0.3, 0.1]}"}}).find("the lower bound must be below"),
            std::string::npos);
  EXPECT_NE(problem_of({{range, "{log_uniform: [0, 0.1]}"}}).find("begins above 0"), std::string::npos);
  EXPECT_NE(problem_of({{range, "{gauss: [0, 0.1]}"}}).find("must be one of {uniform"), std::string::npos);
  EXPECT_NE(problem_of({{range, "{uniform: [0.1]}"}}).find("two bounds"), std::string::npos);
  EXPECT_NE(problem_of({{"tune.parameters.num_leave", "{integer: [2, 8]}"}}).find("num_leaves"),
            std::string::npos);
  EXPECT_NE(problem_of({{"tune.parameters.boosting", "{choice: [gbdt, gdbt]}"}}).find("boosting"),
            std::string::npos);
  EXPECT_NE(problem_of({{"tune.sampler", "tpee"}}).find("tune.sampler"), std::string::npos);
  EXPECT_NE(problem_of({{"tune.parameters", "{}"}}).find("needs settings of the model"), std::string::npos);
}

TEST(InnerFolds, WalkForwardThroughTheSecondHalf) {
  const auto folds = inner_folds({10, 110}, 2, 0.25, 3);
  ASSERT_EQ(folds.size(), 2u);
  EXPECT_EQ(folds[0].judged, (RowRange{60, 85}));
  EXPECT_EQ(folds[1].judged, (RowRange{85, 110}));
  EXPECT_EQ(folds[0].learned.valid, RowRanges(45, 57));
  EXPECT_EQ(folds[0].learned.train, RowRanges(10, 42));
  EXPECT_EQ(tuning_span({{{5, 50}, {50, 60}, {60, 90}}, {{0, 80}, {80, 90}, {90, 99}}}, 2),
            (RowRange{0, 58}));
  EXPECT_THROW(inner_folds({0, 6}, 4, 0.2, 1), Error);
}

}  // namespace
}  // namespace orrery::tune_study_test
