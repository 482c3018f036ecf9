#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "orrery/app/run_continuation.h"
#include "orrery/app/run_folder.h"
#include "orrery/app/search_trials.h"
#include "orrery/app/study_model.h"
#include "orrery/base/files.h"
#include "orrery/data/parquet.h"
#include "orrery/data/trial_ledger.h"
#include "testing/changed_future.h"
#include "testing/small_study.h"

namespace orrery::nested_search_test {
namespace {

namespace fs = std::filesystem;

using testing::study_plugins;

constexpr const char* kNested =
    R"yaml(model:      {name: lightgbm, params: {num_iterations: 10, early_stopping: 0}}
tune:
  nested: true
  trials: 5
  folds: 3
  parameters:
    num_leaves: {log_integer: [2, 64]}
    learning_rate: {log_uniform: [0.001, 0.3]}
portfolio:  {strategy: topk_dropout, k: 10, drop: 2}
)yaml";

constexpr const char* kAutomatic =
    R"yaml(model:
  name: auto
  params: {trials: 7}
  families: [ridge, {name: lightgbm, params: {num_iterations: 10}, search: {num_leaves: {integer: [2, 8]}}}]
portfolio:  {strategy: topk_dropout, k: 10, drop: 2}
)yaml";

/// Three folds of three months.
class NestedSearch : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    nested_ = std::make_unique<testing::SmallStudy>(kNested);
    automatic_ = std::make_unique<testing::SmallStudy>(kAutomatic);
  }
  static void TearDownTestSuite() {
    nested_.reset();
    automatic_.reset();
  }
  static Study study(const testing::SmallStudy& small) {
    return small.read({{"validation.test", "3m"}, {"baselines", "false"}});
  }
  static StudyRun run(const Study& study, int threads = 1) {
    return run_study(study, study_plugins(), {threads});
  }
  static inline std::unique_ptr<testing::SmallStudy> nested_, automatic_;
  testing::TemporaryFolder own_;
};

constexpr std::size_t kSame = 21;  ///< tested sessions before the change

const SearchTrial& chosen_of(const FoldReport& fold) {
  return fold.fit.search->trials[fold.fit.search->chosen];
}

TEST_F(NestedSearch, ChoosesInEveryFoldAndScoresByThatChoice) {
  const StudyRun result = run(study(*nested_));
  ASSERT_GE(result.walk.folds.size(), 3u);
  for (std::size_t i = 0; i < result.walk.folds.size(); ++i) {
    const FoldReport& fold = result.walk.folds[i];
    ASSERT_TRUE(fold.fit.search.has_value());
    EXPECT_EQ(fold.fit.search->trials.size(), 5u);
    EXPECT_TRUE(fold.fit.search->trials.front().settings.empty());
    EXPECT_LE(fold.fit.search->judged.end, fold.used.train.end);
    const auto parameters = result.walk.models[i]->describe().parameters;
    for (const auto& [name, value] : chosen_of(fold).settings) EXPECT_EQ(parameters.at(name), value);
  }
  EXPECT_EQ(study(*nested_).seeds, 1);
  EXPECT_EQ(nested_->read().seeds, 1);
  EXPECT_EQ(nested_->read({{"tune.nested", "false"}}).seeds, 5);
}

/// Prices from a month into the first tested span on are others: the first two folds, which learn from what
/// lies before it, try and choose the same to the bit, and score the same until then; the third, whose
/// training span ends two months later, does not.
TEST_F(NestedSearch, NeverSeesATestedSession) {
  for (const auto* small : {nested_.get(), automatic_.get()}) {
    const Study original = study(*small);
    const StudyRun before = run(original);
    const auto market = own_.path() / "market";
    fs::create_directories(market);
    const Date first = before.prices.market.dates[before.walk.folds[0].used.test.begin + kSame];
    testing::change_future(small->folder() / "ohlcv.parquet", market / "ohlcv.parquet", first);
    Study changed = original;
    changed.data.path = market / "ohlcv.parquet";
    const StudyRun after = run(changed);
    for (std::size_t fold = 0; fold < 3; ++fold) {
      std::vector<std::vector<double>> steps_before, steps_after;
      for (const auto& trial : before.walk.folds[fold].fit.search->trials)
        steps_before.push_back(trial.steps);
      for (const auto& trial : after.walk.folds[fold].fit.search->trials) steps_after.push_back(trial.steps);
      EXPECT_EQ(steps_before == steps_after, fold < 2) << fold;
      if (fold < 2) {
        EXPECT_EQ(chosen_of(before.walk.folds[fold]).settings, chosen_of(after.walk.folds[fold]).settings);
      }
    }
    const std::size_t scored = before.walk.folds[0].used.test.begin;
    for (std::size_t row = scored; row < scored + kSame; ++row) {
      for (std::size_t i = 0; i < before.walk.scores.columns(); ++i) {
        if (before.eligible(row, i) != 0) {
          EXPECT_EQ(before.walk.scores(row, i), after.walk.scores(row, i));
        }
      }
    }
  }
}

TEST_F(NestedSearch, OfFamiliesIsTheSameTwiceAndForAnyThreads) {
  const StudyRun one = run(study(*automatic_));
  const StudyRun many = run(study(*automatic_), 3);
  for (std::size_t i = 0; i < one.walk.folds.size(); ++i) {
    EXPECT_EQ(chosen_of(one.walk.folds[i]).model, chosen_of(many.walk.folds[i]).model);
    EXPECT_EQ(chosen_of(one.walk.folds[i]).settings, chosen_of(many.walk.folds[i]).settings);
    const auto& trials = one.walk.folds[i].fit.search->trials;
    EXPECT_EQ(trials.size(), 7u);
    for (const auto* name : {"ridge", "lightgbm"}) {
      EXPECT_TRUE(
          std::any_of(trials.begin(), trials.end(), [&](const auto& trial) { return trial.model == name; }));
    }
  }
  for (std::size_t i = 0; i < one.walk.scores.columns(); ++i) {
    const std::size_t row = one.walk.folds.front().used.test.begin;
    if (one.eligible(row, i) != 0) {
      EXPECT_EQ(one.walk.scores(row, i), many.walk.scores(row, i));
    }
  }
}

TEST_F(NestedSearch, IsCountedInTheLedgerAndToldEverywhere) {
  const Study searched = study(*automatic_);
  const auto folder = own_.path() / "run";
  RunContinuation continuation(searched, study_plugins(), folder, false);
  RunOptions options{1};
  options.folds = &continuation;
  StudyRun result = run_study(searched, study_plugins(), options);
  const auto ledger = own_.path() / "trials.sqlite";
  record_search_trials(searched, result, ledger);
  const auto recorded = TrialLedger(ledger).trials();
  EXPECT_EQ(recorded.size(), 7 * result.walk.folds.size());
  EXPECT_EQ(recorded.front().trial.study, "small (nested)");
  EXPECT_EQ(recorded.front().trial.overrides, "model=ridge");
  EXPECT_FALSE(recorded.front().outcome->failed);
  EXPECT_GT(recorded.front().outcome->net_returns.values.size(), 100u);
  const RunSummary summary = write_run_folder(searched, result, folder, "", options);
  continuation.finish();
  ASSERT_EQ(summary.choices.size(), result.walk.folds.size());
  EXPECT_NE(summary.choices.front().find("the best of 7"), std::string::npos);
  EXPECT_NE(read_file(folder / "manifest.json").find("\"chosen\""), std::string::npos);
  const auto page = read_file(folder / "report.html");
  EXPECT_NE(page.find("What each fold chose"), std::string::npos);

  RunContinuation again(searched, study_plugins(), folder, true);
  options.folds = &again;
  const StudyRun updated = run_study(searched, study_plugins(), options);
  for (std::size_t i = 0; i < updated.walk.folds.size(); ++i) {
    EXPECT_TRUE(updated.walk.folds[i].taken_up);
    EXPECT_EQ(chosen_of(updated.walk.folds[i]).settings, chosen_of(result.walk.folds[i]).settings);
  }
  record_search_trials(searched, updated, ledger);
  EXPECT_EQ(TrialLedger(ledger).trials().size(), recorded.size());
}

/// All families that say what may be searched for, by the label's kind; an event needs probabilities.
TEST_F(NestedSearch, OfNoNamedFamiliesTakesAllThatSuit) {
  const auto names_of = [](const Study& study) {
    std::vector<std::string> names;
    for (const auto& family : study.families) names.push_back(family.name);
    return names;
  };
  const auto has = [](const std::vector<std::string>& names, const char* name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  const auto returns = names_of(testing::SmallStudy("model: auto\n").read());
  for (const auto* name : {"elastic_net", "knn", "lightgbm", "mlp", "ridge", "xgboost"})
    EXPECT_TRUE(has(returns, name)) << name;
  EXPECT_FALSE(has(returns, "logistic"));
  const auto events =
      names_of(testing::SmallStudy("model: auto\n")
                   .read({{"preprocess.label", "none"}, {"label.gain", "0.02"}, {"label.within", "3"}}));
  for (const auto* name : {"lightgbm", "logistic", "mlp", "xgboost"}) EXPECT_TRUE(has(events, name)) << name;
  EXPECT_FALSE(has(events, "ridge"));
  const auto fixed =
      testing::SmallStudy("model: {name: auto, families: [{name: xgboost, params: {learning_rate: 0.3}}]}\n")
          .read();
  for (const auto& parameter : fixed.families.front().space) EXPECT_NE(parameter.name, "eta");
  EXPECT_EQ(std::get<double>(fixed.families.front().parameters.at("eta")), 0.3);
}

TEST_F(NestedSearch, SaysWhatIsWrongWithItsKeys) {
  const auto problem = [](const std::string& model) { return automatic_->problem_of({{"model", model}}); };
  EXPECT_NE(problem("{name: auto, families: [ridg]}").find("model.families[0]"), std::string::npos);
  EXPECT_NE(problem("{name: auto, families: [ridge, ridge]}").find("twice"), std::string::npos);
  EXPECT_NE(problem("{name: auto, families: [logistic]}").find("needs a label of 0 and 1"),
            std::string::npos);
  EXPECT_NE(problem("{name: auto, families: ridge}").find("a list of models"), std::string::npos);
  EXPECT_NE(problem("{name: auto, params: {trial: 3}}").find("trials"), std::string::npos);
  EXPECT_NE(problem("{name: auto, families: [{name: ridge, search: {alpha: {uniform: [2, 1]}}}]}")
                .find("lower bound"),
            std::string::npos);
  EXPECT_NE(problem("{name: auto, families: [{name: ridge, params: {alph: 1}}]}").find("alpha"),
            std::string::npos);
  EXPECT_NE(nested_->problem_of({{"model", "auto"}}).find("chooses its settings in every fold already"),
            std::string::npos);
}

}  // namespace
}  // namespace orrery::nested_search_test
