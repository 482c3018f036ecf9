#include "orrery/ml/searched_model.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/ml/inner_folds.h"
#include "orrery/ml/rank_ic.h"
#include "orrery/ml/search_file.h"
#include "testing/model_registry.h"
#include "testing/planted_signal.h"
#include "testing/temporary_folder.h"

namespace orrery::searched_model_test {
namespace {

using testing::fit_planted;
using testing::model_registry;
using testing::PlantedStudy;
using testing::predict_planted;
using testing::TemporaryFolder;
using State = TuningTrial::State;

constexpr int kPurge = 3;

SearchFamily family(const std::string& name, ParameterMap parameters = {}) {
  const auto& entry = model_registry().get(name);
  ParameterMap all = entry.info.search.settings;
  for (const auto& [key, value] : parameters) all[key] = value;
  return {entry, all, entry.info.search.space};
}

SearchFamily small_trees() {
  return family("lightgbm",
                {{"num_iterations", std::int64_t{15}}, {"early_stopping_round", std::int64_t{5}}});
}

ModelEntry several() { return auto_entry({family("elastic_net"), small_trees(), family("ridge")}); }

ParameterMap trials(std::int64_t count) { return {{"trials", count}, {"pruner", std::string("none")}}; }

FitContext context(int threads = 1) {
  FitContext own{7, threads};
  own.purge_rows = kPurge;
  return own;
}

SearchReport search_of(const ModelEntry& entry, const ParameterMap& parameters, const PlantedStudy& study,
                       const FitContext& own) {
  return *fit_planted(*make_model(entry, parameters), study, own).search;
}

/// A failed trial's steps may be missing, each by bits of its own.
std::string steps_text(const SearchTrial& trial) {
  std::string text;
  for (const double step : trial.steps) text += std::isnan(step) ? "missing " : fmt::format("{:a} ", step);
  return text;
}

void expect_same(const SearchReport& a, const SearchReport& b) {
  ASSERT_EQ(a.trials.size(), b.trials.size());
  EXPECT_EQ(a.chosen, b.chosen);
  for (std::size_t i = 0; i < a.trials.size(); ++i) {
    EXPECT_EQ(a.trials[i].model, b.trials[i].model) << i;
    EXPECT_EQ(a.trials[i].settings, b.trials[i].settings) << i;
    EXPECT_EQ(steps_text(a.trials[i]), steps_text(b.trials[i])) << i;
    EXPECT_EQ(a.trials[i].spreads.values, b.trials[i].spreads.values) << i;
  }
}

/// The slow way: four models, each fitted on what lies before its block, and the mean rank IC by hand.
/// Training rows are 0 to 79, validation rows 80 to 99, so that a fifth of each inner span decides when to
/// stop.
TEST(SearchedModel, JudgesATrialByPurgedInnerFolds) {
  const PlantedStudy study;
  const auto found = search_of(auto_entry({small_trees()}), trials(1), study, context());
  const SearchFamily trees = small_trees();
  std::vector<double> scores;
  const Dataset judged = study.learn({40, 80});
  for (std::size_t block = 0; block < 4; ++block) {
    const std::size_t begin = 40 + 10 * block;
    const std::size_t before = begin - kPurge;
    const auto held = static_cast<std::size_t>(std::lround(0.2 * static_cast<double>(before)));
    const Dataset train = study.learn({0, before - held - kPurge});
    const Dataset valid = study.learn({before - held, before});
    const auto model = make_model(trees.entry, trees.parameters);
    model->fit(train, &valid, context());
    const Dataset own = study.learn({begin, begin + 10});
    const std::size_t known = scores.size();
    scores.resize(known + own.size());
    model->predict(own, std::span<double>(scores).subspan(known), 1);
  }
  EXPECT_EQ(found.judged, (RowRange{40, 80}));
  ASSERT_EQ(found.trials.front().steps.size(), 4u);
  EXPECT_EQ(found.trials.front().loss, -RankIc(judged)(scores));
  EXPECT_EQ(found.trials.front().spreads.rows.size(), 40u);
}

/// The label is linear in two features: trees of 15 rounds are worse inside, and everything is then as if the
/// chosen model had been asked for.
TEST(SearchedModel, ChoosesTheFamilyThatFitsAndIsThatModel) {
  const PlantedStudy study;
  const auto model = make_model(several(), trials(12));
  const FitReport report = fit_planted(*model, study, context());
  const SearchTrial& best = report.search->trials[report.search->chosen];
  EXPECT_NE(best.model, "lightgbm");
  for (const auto& trial : report.search->trials) EXPECT_GE(trial.loss, best.loss);
  const auto alone = make_model(model_registry().get(best.model), best.settings);
  fit_planted(*alone, study, context());
  EXPECT_EQ(predict_planted(*model, study), predict_planted(*alone, study));
  EXPECT_EQ(model->describe().name, best.model);
  EXPECT_EQ(model->explanation()->name, alone->explanation()->name);
}

TEST(SearchedModel, IsTheSameForAnyNumberOfThreadsAndEveryTime) {
  const PlantedStudy study;
  const auto one = search_of(several(), trials(10), study, context());
  expect_same(one, search_of(several(), trials(10), study, context(3)));
  FitContext other = context();
  other.seed = 8;
  EXPECT_NE(search_of(several(), trials(10), study, other).trials.back().settings,
            one.trials.back().settings);
}

/// Labels that come after the training rows may be anything: nothing that the search tried or found changes.
TEST(SearchedModel, ChoosesByTheTrainingRowsAlone) {
  const PlantedStudy study;
  PlantedStudy changed;
  for (std::size_t row = 80; row < 120; ++row) {
    for (std::size_t i = 0; i < 40; ++i) changed.label(row, i) = -5.0 * changed.label(row, i);
  }
  expect_same(search_of(several(), trials(8), study, context()),
              search_of(several(), trials(8), changed, context()));
}

/// Counts stages of progress, and stops at one of them; 0: at none.
class StoppingProgress final : public Progress {
 public:
  explicit StoppingProgress(int last) : last_(last) {}
  void begin(std::string_view /*stage*/, std::size_t /*total*/) override {
    if (++seen_ == last_) throw user_error(ErrorCode::kCancelled, "stopped");
  }
  int seen() const { return seen_; }

 private:
  int last_;
  int seen_ = 0;
};

TEST(SearchedModel, GoesOnAfterAStopAsIfThereHadBeenNone) {
  const PlantedStudy study;
  const TemporaryFolder folder;
  StoppingProgress never(0);
  const FitContext without{7, 1, never, {}, kPurge};
  const auto whole = search_of(several(), trials(10), study, without);
  const int stages = never.seen();
  for (int stop = 0; stop < 2; ++stop) {
    StoppingProgress stopping(stages / 3);
    const FitContext own{7, 1, stopping, folder.path(), kPurge};
    EXPECT_THROW(search_of(several(), trials(10), study, own), Error);
  }
  StoppingProgress rest(0);
  const FitContext own{7, 1, rest, folder.path(), kPurge};
  expect_same(search_of(several(), trials(10), study, own), whole);
  EXPECT_LT(rest.seen(), stages / 2 + 4);  // what was tried before is not tried again
  EXPECT_TRUE(SearchFile(folder.path(), "another").read().trials.empty());
}

TEST(SearchedModel, PredictsTheSameAfterSavingAndLoading) {
  const PlantedStudy study;
  const TemporaryFolder folder;
  for (const auto& entry :
       {several(), tuned_entry(model_registry().get("ridge"), family("ridge").space, SettingsSearch{5})}) {
    const auto model = make_model(entry, {});
    fit_planted(*model, study, context());
    model->save(folder.path());
    const auto loaded = make_model(entry, {});
    loaded->load(folder.path());
    EXPECT_EQ(predict_planted(*loaded, study), predict_planted(*model, study));
    EXPECT_EQ(loaded->describe().parameters, model->describe().parameters);
  }
  EXPECT_THROW(make_model(auto_entry({family("knn")}), {})->load(folder.path()), Error);
  write_file_atomically(folder.path() / "chosen.json", "[1");
  EXPECT_THROW(make_model(several(), {})->load(folder.path()), Error);
}

TEST(SearchedModel, ServesAsItsModelCan) {
  for (const auto* name : {"mlp", "ridge"}) {
    const auto model = make_model(auto_entry({family(name)}), {});
    EXPECT_TRUE(model->serve_in(ServingPrecision::kTrained));
    EXPECT_EQ(model->serve_in(ServingPrecision::kBfloat16), std::string(name) == "mlp");
  }
}

TEST(SearchedModel, LeavesOutFamiliesThatCantBeFitted) {
  const PlantedStudy study({.missing_share = 0.05});
  const auto found = search_of(several(), trials(6), study, context());
  for (const auto& trial : found.trials) {
    EXPECT_EQ(trial.state == State::kFailed, trial.model != "lightgbm");
    EXPECT_EQ(trial.note.empty(), trial.model == "lightgbm");
  }
  EXPECT_EQ(found.trials[found.chosen].model, "lightgbm");
  EXPECT_THROW(search_of(auto_entry({family("ridge")}), trials(3), study, context()), Error);
}

/// However short the time, one trial is finished; with time alone the number of trials has no limit.
TEST(SearchedModel, StopsWhenTheTimeIsUp) {
  const PlantedStudy study;
  const auto found = search_of(several(), {{"minutes", 1e-9}}, study, context());
  EXPECT_EQ(found.trials.size(), 1u);
  EXPECT_EQ(found.trials.front().state, State::kComplete);
  EXPECT_GT(search_of(several(), {{"minutes", 0.05}}, study, context()).trials.size(), 30u);
}

TEST(SearchedModel, GivesUpWhatIsWorse) {
  const PlantedStudy study;
  const auto found =
      search_of(several(), {{"trials", std::int64_t{20}}, {"pruner", std::string("successive_halving")}},
                study, context());
  std::size_t pruned = 0;
  for (const auto& trial : found.trials) {
    pruned += trial.state == State::kPruned ? 1 : 0;
    EXPECT_EQ(trial.steps.size() < 4u, trial.state == State::kPruned);
  }
  EXPECT_GE(pruned, 3u);
  EXPECT_EQ(found.trials[found.chosen].state, State::kComplete);
}

TEST(SearchReport, IsTheSameAfterJson) {
  const PlantedStudy study({.missing_share = 0.05});
  auto found = search_of(several(), trials(6), study, context());
  const auto read = parse_search_report(search_report_json(found));
  EXPECT_EQ(read.judged, found.judged);
  EXPECT_EQ(read.objective, "rank_ic");
  for (auto& trial : found.trials) trial.spreads = {};
  expect_same(read, found);
  EXPECT_EQ(read.trials.front().note, found.trials.front().note);
}

/// Objectives on a case by hand: two sessions, scores in order and in reverse.
TEST(ScoreLoss, IsTheMeanOverTheSessions) {
  FactorFrame features;
  features.names = {"f"};
  features.panels.emplace_back(2, 5);
  MaskPanel eligible(2, 5);
  Panel label(2, 5);
  for (std::size_t i = 0; i < 5; ++i) {
    eligible(0, i) = eligible(1, i) = 1;
    label(0, i) = static_cast<double>(i);
    label(1, i) = static_cast<double>(i * i);
  }
  const FittedFeatures no_steps;
  const Dataset data(features, no_steps, eligible, RowRange{0, 2}, &label);
  const std::vector<double> scores = {0.0, 1.0, 2.0, 3.0, 4.0, 0.0, 1.0, 2.0, 3.0, 4.0};
  EXPECT_EQ(score_loss("rank_ic", data, scores), -1.0);
  EXPECT_NEAR(score_loss("ic", data, scores), -(1.0 + 40.0 / std::sqrt(10.0 * 174.0)) / 2.0, 1e-15);
  EXPECT_NEAR(score_loss("loss", data, scores), (0.0 + 0.0 + 4.0 + 36.0 + 144.0) / 10.0, 1e-15);
  const auto spreads = score_spreads(data, scores);
  EXPECT_EQ(spreads.rows, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(spreads.values, (std::vector<double>{4.0, 16.0}));
  EXPECT_THROW(score_loss("sharpe", data, scores), Error);
}

}  // namespace
}  // namespace orrery::searched_model_test
