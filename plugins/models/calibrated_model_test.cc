#include "orrery/ml/calibrated_model.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/ml/classification.h"
#include "orrery/ml/fit_fold.h"
#include "testing/model_registry.h"
#include "testing/planted_signal.h"
#include "testing/temporary_folder.h"

namespace orrery::calibrated_model_test {
namespace {

using testing::model_registry;
using testing::PlantedShape;
using testing::PlantedStudy;
using testing::predict_planted;

constexpr auto kIsotonic = CalibrationMethod::kIsotonic;
constexpr auto kPlatt = CalibrationMethod::kPlatt;

ModelEntry calibrated(const char* model, CalibrationMethod method, double share = 0.5) {
  return calibrated_entry(model_registry().get(model), {method, share});
}

PlantedStudy events() { return PlantedStudy({.labels_events = true}); }

const ParameterMap kFew{{"objective", std::string("binary")}, {"num_iterations", std::int64_t{10}}};

/// Settings for a rare event: every event weighs as much as 199 others.
ParameterMap balanced(const std::string& model) {
  if (model == "logistic") return {{"class_weight", std::string("balanced")}};
  ParameterMap parameters{{"objective", std::string(model == "xgboost" ? "binary:logistic" : "binary")},
                          {"scale_pos_weight", 199.0}};
  if (model == "lightgbm") parameters["num_iterations"] = std::int64_t{30};
  if (model == "xgboost") parameters["num_boost_round"] = std::int64_t{30};
  if (model == "lightgbm") parameters["num_leaves"] = std::int64_t{7};
  if (model == "xgboost") parameters["max_depth"] = std::int64_t{3};
  return parameters;
}

/// A market in which the event comes in one of 200 cells, more often where the first feature is high.
PlantedStudy rare_events() {
  PlantedStudy study({.rows = 400, .instruments = 500, .features = 3, .seed = 21});
  Random random(5);
  for (std::size_t row = 0; row < 400; ++row) {
    for (std::size_t i = 0; i < 500; ++i) {
      const double odds = -6.0 + 1.1 * static_cast<double>(study.features.panels[0](row, i));
      study.label(row, i) = random.uniform() < 1.0 / (1.0 + std::exp(-odds)) ? 1.0 : 0.0;
    }
  }
  return study;
}

struct Judged {
  ClassificationMetrics after, before;
};

Judged judge(const PlantedStudy& study, const ModelEntry& entry, const ParameterMap& parameters) {
  const auto model = make_model(entry, parameters);
  const Dataset train = study.learn({0, 120});
  const Dataset valid = study.learn({120, 290});
  model->fit(train, &valid, {7, 1});
  const Dataset test = study.predict({290, 400});
  const auto metrics_of = [&](const Model& one) {
    std::vector<double> said(test.size());
    one.predict(test, said, 1);
    Panel scores(400, 500);
    place_scores(study.eligible, RowRange{290, 400}, said, scores);
    return classification_metrics(scores, study.label, {10}, 10);
  };
  return {metrics_of(*model), metrics_of(*uncalibrated(*model))};
}

/// Of every tenth of the cells as many events came as were promised, within four standard errors of the
/// difference of two shares: the one that came, and the one that the map was fitted on, on 0.77 times as
/// many.
void expect_taken_at_their_word(const ClassificationMetrics& metrics, const std::string& what) {
  for (const ReliabilityBin& group : metrics.groups) {
    const auto count = static_cast<double>(group.count);
    const double share = 0.5 * (group.mean_predicted + group.event_rate);
    const double error = std::sqrt(share * (1.0 - share) * (1.0 + 1.0 / 0.77) / count);
    EXPECT_NEAR(group.event_rate, group.mean_predicted, 4.0 * error) << what << ", up to " << group.upper;
  }
}

struct RareCase {
  const char* model;
  CalibrationMethod method;
};

/// Platt's map beside a line alone: it sets log-odds right that are off by a slope and an intercept, which
/// those of trees under weights are not.
TEST(CalibratedModel, RestoresTheProbabilitiesOfRareEvents) {
  const PlantedStudy study = rare_events();
  for (const auto& [model, method] : {RareCase{"logistic", kIsotonic}, RareCase{"logistic", kPlatt},
                                      RareCase{"lightgbm", kIsotonic}, RareCase{"xgboost", kIsotonic}}) {
    const std::string what = std::string(model) + (method == kPlatt ? " platt" : " isotonic");
    const auto [after, before] = judge(study, calibrated(model, method), balanced(model));
    ASSERT_GT(after.base_rate, 0.003) << what;
    ASSERT_LT(after.base_rate, 0.007) << what;
    EXPECT_GT(before.groups.back().mean_predicted, 20.0 * before.groups.back().event_rate) << what;
    expect_taken_at_their_word(after, what);
    EXPECT_LT(after.brier, 0.2 * before.brier) << what;
    EXPECT_LT(after.log_loss, 0.2 * before.log_loss) << what;
    if (method == kIsotonic)
      continue;  // says 0 below the lowest event that it has seen: one surprise is dear
    EXPECT_LT(after.log_loss, after.log_loss_base_rate) << what;
    EXPECT_NEAR(after.average_precision, before.average_precision, 1e-12) << what << ": the order stays";
  }
}

/// The map is that of Calibration on the last half of the validation rows, and the model never saw them.
TEST(CalibratedModel, LearnsTheMapOnALaterSpanAlone) {
  const PlantedStudy study = events();
  constexpr int kPurge = 3;
  const auto model = make_model(calibrated("lightgbm", kPlatt), kFew);
  const Dataset train = study.learn({0, 80});
  const Dataset valid = study.learn({80, 100});
  const FitContext context{7, 1, silent_progress(), {}, kPurge};
  model->fit(train, &valid, context);
  const auto by_hand = make_model(model_registry().get("lightgbm"), kFew);
  const Dataset stop = study.learn({80, 87});
  by_hand->fit(train, &stop, context);
  EXPECT_EQ(predict_planted(*uncalibrated(*model), study), predict_planted(*by_hand, study));
  const Dataset span = study.learn({90, 100});
  std::vector<double> said(span.size());
  by_hand->predict(span, said, 1);
  const auto map = Calibration::fit(kPlatt, said, span.labels());
  auto expected = predict_planted(*by_hand, study);
  for (double& score : expected) score = map(score);
  EXPECT_EQ(predict_planted(*model, study), expected);
}

TEST(CalibratedModel, CutsTheTrainingRowsWhereNothingIsValidatedOn) {
  const PlantedStudy study = events();
  const auto model = make_model(calibrated("logistic", kIsotonic, 0.25), {});
  model->fit(study.learn({0, 80}), nullptr, {7, 1, silent_progress(), {}, 5});
  const auto by_hand = make_model(model_registry().get("logistic"), {});
  by_hand->fit(study.learn({0, 55}), nullptr, {7, 1});
  EXPECT_EQ(predict_planted(*uncalibrated(*model), study), predict_planted(*by_hand, study));
}

TEST(CalibratedModel, PredictsTheSameAfterSavingAndLoading) {
  const PlantedStudy study = events();
  for (const auto method : {kIsotonic, kPlatt}) {
    const auto entry = calibrated("lightgbm", method);
    const auto model = make_model(entry, kFew);
    testing::fit_planted(*model, study, {7, 1});
    const testing::TemporaryFolder folder;
    model->save(folder.path());
    const auto loaded = make_model(entry, {});
    loaded->load(folder.path());
    EXPECT_EQ(predict_planted(*loaded, study), predict_planted(*model, study));
    const auto path = folder.path() / "calibration.txt";
    std::string text = read_file(path);
    text[text.size() / 2] = static_cast<char>(text[text.size() / 2] ^ 1);
    write_file_atomically(path, text);
    try {
      loaded->load(folder.path());
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kDataCorrupt);
      EXPECT_NE(std::string(error.what()).find("calibration.txt"), std::string::npos) << error.what();
    }
    EXPECT_EQ(predict_planted(*loaded, study), predict_planted(*model, study)) << "as before the refusal";
  }
}

TEST(CalibratedModel, IsTheSameForAnyNumberOfThreads) {
  const PlantedStudy study = events();
  std::vector<std::vector<double>> scores;
  for (const int threads : {1, 3}) {
    const auto model = make_model(calibrated("lightgbm", kIsotonic), kFew);
    testing::fit_planted(*model, study, {7, threads});
    scores.push_back(predict_planted(*model, study, threads));
  }
  EXPECT_EQ(scores[0], scores[1]);
}

TEST(CalibratedModel, ContributionsSumToTheLogOddsOfPlatt) {
  const PlantedStudy study = events();
  const auto model = make_model(calibrated("lightgbm", kPlatt), kFew);
  testing::fit_planted(*model, study, {7, 1});
  ASSERT_TRUE(model->explanation().has_value());
  const Dataset test = study.predict({100, 120});
  const std::size_t width = test.feature_count() + 1;
  std::vector<double> parts(test.size() * width);
  model->contributions(test, parts, 1);
  const auto scores = predict_planted(*model, study);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    double sum = 0.0;
    for (std::size_t f = 0; f < width; ++f) sum += parts[i * width + f];
    EXPECT_NEAR(sum, log_odds(scores[i]), 1e-9);
  }
  EXPECT_FALSE(make_model(calibrated("lightgbm", kIsotonic), kFew)->explanation().has_value());
}

TEST(CalibratedModel, RefusesWhatItCannotCalibrate) {
  const PlantedStudy study = events();
  const Dataset train = study.learn({0, 80});
  EXPECT_THROW(make_model(calibrated("ridge", kPlatt), {})->fit(train, nullptr, {7, 1}), Error);
  const Dataset valid = study.learn({80, 84});
  auto model = make_model(calibrated("logistic", kPlatt), {});
  EXPECT_THROW(model->fit(train, &valid, {7, 1, silent_progress(), {}, 4}), Error);
  PlantedStudy never = events();
  for (std::size_t row = 90; row < 100; ++row) {
    for (std::size_t i = 0; i < 40; ++i) never.label(row, i) = 0.0;
  }
  EXPECT_THROW(testing::fit_planted(*model, never, {7, 1}), Error);
  EXPECT_THROW(predict_planted(*model, study), Error) << "not fitted";
}

}  // namespace
}  // namespace orrery::calibrated_model_test
