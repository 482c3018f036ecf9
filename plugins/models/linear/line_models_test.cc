// What linear models refuse, and what they leave to a person. Their numbers: sklearn_oracle_test.cc.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "orrery/base/error.h"
#include "testing/model_registry.h"
#include "testing/planted_signal.h"

namespace orrery::line_models_test {
namespace {

using testing::fit_planted;
using testing::PlantedStudy;
using testing::predict_planted;

std::unique_ptr<Model> make(const std::string& name, const ParameterMap& parameters) {
  return make_model(testing::model_registry().get(name), parameters);
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return "";
}

void expect_message(const std::function<void()>& action, const std::string& part) {
  const std::string message = message_of(action);
  EXPECT_NE(message.find(part), std::string::npos) << message;
}

void fit(const std::string& name, const ParameterMap& parameters,
         const PlantedStudy& study = PlantedStudy()) {
  fit_planted(*make(name, parameters), study, {0, 1});
}

TEST(LineModels, LassoLeavesOutWhatTellsNothing) {
  const auto model = make("lasso", {{"alpha", 0.1}});
  const auto report = fit_planted(*model, PlantedStudy(), {0, 1});
  EXPECT_GT(report.importance[0].gain, report.importance[1].gain);
  EXPECT_GT(report.importance[1].gain, 0.0);
  for (std::size_t f = 2; f < report.importance.size(); ++f) EXPECT_EQ(report.importance[f].gain, 0.0);
}

TEST(LineModels, APenaltyAboveEveryCorrelationLeavesTheMean) {
  const PlantedStudy study;
  const auto model = make("lasso", {{"alpha", 10.0}});
  fit_planted(*model, study, {0, 1});
  const auto scores = predict_planted(*model, study);
  for (const double score : scores) EXPECT_EQ(score, scores.front());
}

TEST(LineModels, SayWhenTheyHaveNotSettled) {
  expect_message(
      [] {
        fit("lasso", {{"alpha", 1e-9}, {"tol", 1e-13}, {"max_iter", std::int64_t{2}}});
      },
      "has not settled after max_iter 2 rounds");
  expect_message(
      [] {
        fit("logistic", {{"max_iter", std::int64_t{1}}}, PlantedStudy({.labels_events = true}));
      },
      "has not settled after 1 Newton steps (max_iter 1)");
}

/// Features that are sums of each other but for a ten-thousandth: rounds alone take more than 40,000.
TEST(LineModels, SettleWhereFeaturesDependOnEachOther) {
  PlantedStudy study;
  auto& panels = study.features.panels;
  for (std::size_t row = 0; row < panels[0].rows(); ++row) {
    for (std::size_t i = 0; i < panels[0].columns(); ++i) {
      panels[4](row, i) = panels[0](row, i) + panels[1](row, i) + 1e-4F * panels[4](row, i);
      panels[5](row, i) = panels[0](row, i) - panels[2](row, i) + 1e-4F * panels[5](row, i);
    }
  }
  const auto model = make("elastic_net", {{"alpha", 1e-4}, {"l1_ratio", 0.01}, {"tol", 1e-10}});
  EXPECT_LT(fit_planted(*model, study, {0, 1}).rounds, 100);
}

TEST(LineModels, RefuseSettingsAndLabelsThatDoNotSuit) {
  expect_message(
      [] {
        make("pca_regression", {{"n_components", 2.5}});
      },
      "a share below 1 or a whole number, found 2.5");
  expect_message([] { fit("pca_regression", {{"n_components", 7.0}}); }, "at most the 6 features, found 7");
  expect_message([] { fit("logistic", {}); }, "labels of 0 and 1");
  PlantedStudy none({.labels_events = true});
  none.label = Panel(none.label.rows(), none.label.columns(), 0.0);
  expect_message([&] { fit("logistic", {}, none); }, "needs samples of both classes");
}

TEST(LineModels, RefuseSamplesThatAllWeighNothing) {
  const PlantedStudy study;
  Dataset train = study.learn({0, 80});
  train.set_weights(std::vector<float>(train.size(), 0.0F));
  expect_message([&] { make("ridge", {})->fit(train, nullptr, {0, 1}); }, "which all weigh 0");
}

/// One event in fifty: without balance no probability comes near a half, with it events are told apart there.
TEST(LineModels, BalanceRareEvents) {
  PlantedStudy study;
  for (std::size_t row = 0; row < study.label.rows(); ++row) {
    for (std::size_t i = 0; i < study.label.columns(); ++i)
      study.label(row, i) = study.label(row, i) > 2.2 ? 1.0 : 0.0;
  }
  const Dataset test = study.learn({100, 120});
  const auto mean_of_events = [&](const char* class_weight) {
    const auto model = make("logistic", {{"class_weight", std::string(class_weight)}, {"C", 0.001}});
    fit_planted(*model, study, {0, 1});
    const auto scores = predict_planted(*model, study);
    double sum = 0.0, events = 0.0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      sum += scores[i] * test.labels()[i];
      events += test.labels()[i];
    }
    return sum / events;
  };
  EXPECT_LT(mean_of_events("none"), 0.2);
  EXPECT_GT(mean_of_events("balanced"), 0.5);
}

/// A large penalty of the data's own making where there is nothing to learn.
TEST(LineModels, BayesianRidgeShrinksWhatIsNothing) {
  const auto size_of = [](double signal) {
    const auto report = fit_planted(*make("bayesian_ridge", {}), PlantedStudy({.signal = signal}), {0, 1});
    double sum = 0.0;
    for (const auto& feature : report.importance) sum += feature.gain;
    return sum;
  };
  const auto ridge = fit_planted(*make("ridge", {}), PlantedStudy({.signal = 0.0}), {0, 1});
  double unshrunk = 0.0;
  for (const auto& feature : ridge.importance) unshrunk += feature.gain;
  EXPECT_LT(size_of(0.0), 0.8 * unshrunk);
  EXPECT_NEAR(size_of(1.0), 1.3, 0.1);  // 0.8 and 0.5, and noise
}

}  // namespace
}  // namespace orrery::line_models_test
