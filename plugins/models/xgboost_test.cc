#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "orrery/base/error.h"
#include "testing/model_registry.h"
#include "testing/planted_signal.h"

namespace orrery::xgboost_test {
namespace {

using testing::PlantedStudy;

const ModelEntry& entry() { return testing::model_registry().get("xgboost"); }

TEST(Xgboost, StopsEarlyAtTheBestRound) {
  const PlantedStudy study({.noise = 3.0});
  const auto model =
      make_model(entry(), {{"n_estimators", std::int64_t{200}}, {"early_stopping", std::int64_t{5}}});
  const auto report = fit_planted(*model, study, {0, 1});
  ASSERT_EQ(report.metrics.size(), 1u);
  EXPECT_EQ(report.metrics[0].name, "rmse");
  EXPECT_LT(report.rounds, 200);
  EXPECT_EQ(report.rounds, report.best_round + 5);
  const auto& losses = report.metrics[0].valid;
  EXPECT_EQ(std::min_element(losses.begin(), losses.end()) - losses.begin(), report.best_round - 1);
  EXPECT_EQ(report.metrics[0].train.size(), losses.size());
}

TEST(Xgboost, LearnsProbabilitiesAndRefusesOtherLabels) {
  PlantedStudy study;
  for (std::size_t row = 0; row < study.label.rows(); ++row) {
    for (double& label : study.label.row(row)) label = label > 1.0 ? 1.0 : 0.0;
  }
  const auto model = make_model(
      entry(), {{"objective", std::string("binary:logistic")}, {"eval_metric", std::string("auc")}});
  EXPECT_EQ(model->describe().task, Task::kBinary);
  const auto report = fit_planted(*model, study, {0, 1});
  EXPECT_TRUE(report.metrics.at(0).higher_is_better);
  EXPECT_GT(report.metrics.at(0).valid.back(), 0.85);
  for (const double score : predict_planted(*model, study)) {
    EXPECT_GT(score, 0.0);
    EXPECT_LT(score, 1.0);
  }
  study.label(3, 3) = 0.5;
  study.eligible(3, 3) = 1;
  EXPECT_THROW(fit_planted(*model, study, {}), Error);
}

/// The mean within sessions of scores times labels.
double agreement(const PlantedStudy& study, const std::vector<double>& scores) {
  const Dataset truth = study.learn({100, 120});
  return std::inner_product(scores.begin(), scores.end(), truth.labels().begin(), 0.0) /
         static_cast<double>(scores.size());
}

TEST(Xgboost, RanksWithinSessions) {
  const PlantedStudy study;
  for (const char* objective : {"rank:ndcg", "rank:pairwise", "rank:map"}) {
    ParameterMap parameters{{"objective", std::string(objective)}, {"num_boost_round", std::int64_t{20}}};
    if (std::string_view(objective) == "rank:map") parameters["relevance_grades"] = std::int64_t{2};
    const auto model = make_model(entry(), parameters);
    EXPECT_EQ(model->describe().task, Task::kRanking);
    const auto report = fit_planted(*model, study, {0, 1});
    EXPECT_TRUE(report.metrics.at(0).higher_is_better) << report.metrics.at(0).name;
    EXPECT_GT(agreement(study, predict_planted(*model, study)), 0.1) << objective;
  }
}

/// Samples weigh by their session when it ranks: a session that weighs nothing teaches nothing.
TEST(Xgboost, ASessionWithoutWeightIsNotLearnedFromWhenItRanks) {
  PlantedStudy study;
  for (std::size_t row = 40; row < 80; ++row) {  // half of the training rows teach the opposite
    for (double& label : study.label.row(row)) label = -label;
  }
  const auto model =
      make_model(entry(), {{"objective", std::string("rank:ndcg")}, {"num_boost_round", std::int64_t{20}}});
  Dataset train = study.learn({0, 80});
  std::vector<float> weights;
  for (const auto& sample : train.samples()) weights.push_back(sample.row < 40 ? 1.0F : 0.0F);
  train.set_weights(weights);
  model->fit(train, nullptr, {0, 1});
  EXPECT_GT(agreement(study, predict_planted(*model, study)), 0.1);
}

TEST(Xgboost, AQuantileLiesAboveItsShareOfLabels) {
  const PlantedStudy study({.rows = 120, .instruments = 200});
  for (const double level : {0.1, 0.5, 0.9}) {
    const auto model = make_model(entry(), {{"objective", std::string("reg:quantileerror")},
                                            {"quantile_alpha", level},
                                            {"max_depth", std::int64_t{3}}});
    fit_planted(*model, study, {0, 1});
    const auto scores = predict_planted(*model, study);
    const Dataset truth = study.learn({100, 120});
    double below = 0.0;
    for (std::size_t i = 0; i < scores.size(); ++i) below += truth.labels()[i] <= scores[i] ? 1.0 : 0.0;
    // 3,600 labels: a deviation of 0.008 by chance, and a little for what the trees could not learn.
    EXPECT_NEAR(below / static_cast<double>(scores.size()), level, 0.06);
  }
}

TEST(Xgboost, IsTheSameForManyThreadsOnManyRows) {
  const PlantedStudy study({.rows = 120, .instruments = 900});  // more rows than a block
  std::vector<double> one;
  for (const int threads : {1, 2, 5}) {
    const auto model = make_model(entry(), {{"num_boost_round", std::int64_t{5}}, {"subsample", 0.8}});
    fit_planted(*model, study, {3, threads});
    const auto scores = predict_planted(*model, study, threads);
    if (one.empty()) one = scores;
    EXPECT_EQ(scores, one) << threads;
  }
}

}  // namespace
}  // namespace orrery::xgboost_test
