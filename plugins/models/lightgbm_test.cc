#include <LightGBM/c_api.h>
#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/ml/early_stopping.h"
#include "orrery/ml/walk_forward.h"
#include "plugins/models/lightgbm/boosting.h"
#include "plugins/models/lightgbm/library.h"
#include "plugins/models/lightgbm/parameters.h"
#include "testing/model_registry.h"
#include "testing/planted_signal.h"

namespace orrery::lightgbm_test {
namespace {

using plugins::models::lightgbm::BinnedTable;
using plugins::models::lightgbm::Booster;
using plugins::models::lightgbm::check;
using plugins::models::lightgbm::library;
using testing::PlantedStudy;

const ModelEntry& entry() { return testing::model_registry().get("lightgbm"); }

const ParameterMap kParameters{{"num_iterations", std::int64_t{40}},
                               {"early_stopping", std::int64_t{5}},
                               {"subsample", 0.7},
                               {"subsample_freq", std::int64_t{1}},
                               {"colsample_bytree", 0.8},
                               {"bin_construct_sample_cnt", std::int64_t{900}},
                               {"max_bin", std::int64_t{63}}};

/// The features of a data set as one dense matrix, and its labels as LightGBM takes them.
struct Dense {
  std::vector<float> x, y;

  explicit Dense(const Dataset& data) : x(data.size() * data.feature_count()) {
    data.read_rows(0, data.size(), x.data(), 1);
    for (const double label : data.labels()) y.push_back(static_cast<float>(label));
  }
};

BinnedTable bare_table(const Dense& dense, std::size_t features, const std::string& parameters,
                       const BinnedTable* reference) {
  DatasetHandle handle = nullptr;
  const auto rows = static_cast<std::int32_t>(dense.y.size());
  check(library().create_table(dense.x.data(), C_API_DTYPE_FLOAT32, rows, static_cast<std::int32_t>(features),
                               1, parameters.c_str(), reference != nullptr ? reference->get() : nullptr,
                               &handle),
        "a dense matrix");
  check(library().set_field(handle, "label", dense.y.data(), rows, C_API_DTYPE_FLOAT32), "labels");
  return BinnedTable(handle);
}

/// Boosts through the bare C API on dense matrices: what the Python package does.
std::vector<double> bare_predictions(const PlantedStudy& study, const std::string& parameters, int rounds) {
  const std::size_t features = study.features.names.size();
  const Dense train(study.learn({0, 80})), test(study.predict({100, 120}));
  const BinnedTable table = bare_table(train, features, parameters, nullptr);
  BoosterHandle handle = nullptr;
  check(library().create_booster(table.get(), parameters.c_str(), &handle), "a booster");
  const Booster booster(handle);
  for (int round = 0; round < rounds; ++round) {
    int finished = 0;
    check(library().update(booster.get(), &finished), "a round");
  }
  std::vector<double> scores(test.x.size() / features);
  std::int64_t written = 0;
  check(library().predict(booster.get(), test.x.data(), C_API_DTYPE_FLOAT32,
                          static_cast<std::int32_t>(scores.size()), static_cast<std::int32_t>(features), 1,
                          C_API_PREDICT_NORMAL, 0, 0, "", &written, scores.data()),
        "to predict");
  return scores;
}

// The oracle is LightGBM itself, fed with one dense matrix.
TEST(LightGbm, StreamedBlocksEqualADenseMatrixToTheBit) {
  for (const double missing : {0.0, 0.2}) {
    const PlantedStudy study({.missing_share = missing});
    const auto model = make_model(entry(), kParameters);
    const auto report = fit_planted(*model, study, {7, 1});
    const auto parameters = plugins::models::lightgbm::library_parameters(model->describe().parameters, 7, 1);
    EXPECT_EQ(predict_planted(*model, study), bare_predictions(study, parameters, report.best_round));
  }
}

TEST(LightGbm, SeedDecidesTheModel) {
  const PlantedStudy study;
  const auto scores = [&](const ParameterMap& parameters, std::uint64_t seed) {
    const auto model = make_model(entry(), parameters);
    fit_planted(*model, study, {seed, 1});
    return predict_planted(*model, study);
  };
  EXPECT_NE(scores(kParameters, 7), scores(kParameters, 8));
  auto own = kParameters;
  own["random_state"] = std::int64_t{8};
  EXPECT_EQ(scores(own, 7), scores(kParameters, 8));
}

TEST(LightGbm, StopsEarlyAtTheBestRound) {
  const PlantedStudy study({.noise = 3.0});
  const auto model =
      make_model(entry(), {{"num_iterations", std::int64_t{200}}, {"early_stopping", std::int64_t{5}}});
  const auto report = fit_planted(*model, study, {0, 1});
  ASSERT_EQ(report.metrics.size(), 1u);
  EXPECT_EQ(report.metrics[0].name, "l2");
  EXPECT_LT(report.rounds, 200);
  EXPECT_EQ(report.rounds, report.best_round + 5);
  const auto& losses = report.metrics[0].valid;
  EXPECT_EQ(std::min_element(losses.begin(), losses.end()) - losses.begin(), report.best_round - 1);
}

/// Feeds losses until stopped; returns rounds seen and the best one.
std::pair<int, int> stop_on(const std::vector<std::vector<double>>& losses, std::vector<bool> higher,
                            int patience) {
  EarlyStopping stopping(std::move(higher), patience);
  int rounds = 0;
  for (const auto& values : losses) {
    ++rounds;
    if (stopping.should_stop(values)) break;
  }
  return {rounds, stopping.best_round()};
}

// The rules are those of lightgbm.callback.early_stopping in LightGBM 4.7.0.
TEST(EarlyStopping, FollowsThePythonCallback) {
  EXPECT_EQ(stop_on({{5}, {4}, {4}, {4}, {3}}, {false}, 2),
            std::make_pair(4, 2));  // an equal loss is no improvement
  EXPECT_EQ(stop_on({{5}, {6}, {4}, {5}}, {false}, 2), std::make_pair(4, 3));  // rounds ran out
  EXPECT_EQ(stop_on({{1}, {2}, {1}, {1}}, {true}, 2), std::make_pair(4, 2));   // higher is better
  EXPECT_EQ(stop_on({{5, 1}, {4, 2}, {3, 3}}, {false, false}, 2),
            std::make_pair(3, 1));  // the second metric decides
}

TEST(LightGbm, LearnsProbabilities) {
  PlantedStudy study;
  for (std::size_t row = 0; row < study.label.rows(); ++row) {
    for (double& label : study.label.row(row)) label = label > 1.0 ? 1.0 : 0.0;
  }
  const auto model = make_model(entry(), {{"objective", std::string("binary")}});
  EXPECT_EQ(model->describe().task, Task::kBinary);
  fit_planted(*model, study, {0, 1});
  for (const double score : predict_planted(*model, study)) {
    EXPECT_GT(score, 0.0);
    EXPECT_LT(score, 1.0);
  }
  study.label(3, 3) = 0.5;
  study.eligible(3, 3) = 1;
  EXPECT_THROW(fit_planted(*model, study, {}), Error);
}

TEST(LightGbm, RanksWithinSessions) {
  const PlantedStudy study;
  const auto model =
      make_model(entry(), {{"objective", std::string("lambdarank")}, {"early_stopping", std::int64_t{10}}});
  const auto report = fit_planted(*model, study, {0, 1});
  EXPECT_TRUE(report.metrics.at(0).higher_is_better);
  const Dataset truth = study.learn({100, 120});
  const auto scores = predict_planted(*model, study);
  double agreement = 0.0;
  for (std::size_t i = 0; i < scores.size(); ++i) agreement += scores[i] * truth.labels()[i];
  EXPECT_GT(agreement, 0.0);
}

TEST(LightGbm, TellsSecondsInsideTheLibrary) {
  const PlantedStudy study;
  const auto model = make_model(entry(), {});
  const auto report = fit_planted(*model, study, {0, 1});
  EXPECT_GT(report.library_seconds.binning, 0.0);
  EXPECT_GT(report.library_seconds.boosting, 0.0);
}

/// Two folds over the planted study.
WalkForwardSpec two_folds() {
  WalkForwardSpec spec;
  spec.folds = {{{0, 50}, {50, 65}, {65, 80}}, {{15, 65}, {65, 80}, {80, 95}}};
  spec.purge_rows = 2;
  spec.preprocess.features = {{FeatureStep::Kind::kRobustZScore, 0}, {FeatureStep::Kind::kClip, 3}};
  spec.preprocess.label = LabelStep::kCrossRankNorm;
  spec.parameters = kParameters;
  spec.seed = 3;
  spec.threads = 1;
  return spec;
}

void expect_same_rows(const Panel& a, const Panel& b, RowRange rows) {
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    for (std::size_t i = 0; i < a.columns(); ++i) {
      EXPECT_TRUE(a(row, i) == b(row, i) || (std::isnan(a(row, i)) && std::isnan(b(row, i))))
          << row << " " << i;
    }
  }
}

TEST(WalkForward, CuttingTheFutureLeavesThePast) {
  const PlantedStudy study;
  const auto whole = walk_forward(study.features, study.label, study.eligible, two_folds(), entry());

  // From row 80 on, everything turns to noise; labels that look there are unknown.
  PlantedStudy cut;
  for (std::size_t row = 78; row < cut.label.rows(); ++row) {
    for (std::size_t i = 0; i < cut.label.columns(); ++i) {
      cut.label(row, i) = Panel::missing();
      if (row < 80) continue;
      cut.eligible(row, i) = 1;
      for (auto& panel : cut.features.panels) panel(row, i) = 1e6F;
    }
  }
  auto first = two_folds();
  first.folds.pop_back();
  const auto past = walk_forward(cut.features, cut.label, cut.eligible, first, entry());
  expect_same_rows(whole.scores, past.scores, {0, 80});
}

TEST(WalkForward, DoesNotDependOnThreads) {
  const PlantedStudy study({.missing_share = 0.05});
  auto spec = two_folds();
  // Few rounds: threads of busy machines wait for each other at every one.
  spec.parameters = {{"num_iterations", std::int64_t{6}}};
  const auto one = walk_forward(study.features, study.label, study.eligible, spec, entry());
  spec.threads = 3;
  const auto three = walk_forward(study.features, study.label, study.eligible, spec, entry());
  expect_same_rows(one.scores, three.scores, {0, one.scores.rows()});
}

TEST(LightGbm, StopsAtTheSameRoundWhereAllSamplesWeighAlike) {
  const PlantedStudy study;
  Dataset train = study.learn({0, 80});
  const Dataset valid = study.learn({80, 100});
  const auto model =
      make_model(entry(), {{"num_iterations", std::int64_t{200}}, {"early_stopping", std::int64_t{5}}});
  const FitReport alike = model->fit(train, &valid, {0, 1});
  train.set_weights(std::vector<float>(train.size(), 1.0F));
  const FitReport weighed = model->fit(train, &valid, {0, 1});
  EXPECT_GT(alike.best_round, 10);
  EXPECT_EQ(weighed.best_round, alike.best_round);
  EXPECT_EQ(weighed.metrics.front().valid, alike.metrics.front().valid);
}

}  // namespace
}  // namespace orrery::lightgbm_test
