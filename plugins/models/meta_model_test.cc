// Primary and secondary models (orrery/ml/meta_model.h) of the models of this folder.

#include "orrery/ml/meta_model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "orrery/base/error.h"
#include "orrery/ml/purged_splits.h"
#include "testing/model_registry.h"
#include "testing/planted_signal.h"
#include "testing/temporary_folder.h"

namespace orrery::meta_model_test {
namespace {

using testing::model_registry;
using testing::PlantedStudy;

constexpr RowRange kTrain{0, 200};
constexpr RowRange kTest{200, 300};

MetaPart part(const std::string& name, const ParameterMap& parameters = {}) {
  return {model_registry().get(name), parameters};
}

ParameterMap scored(const char* score) { return {{"score", std::string(score)}}; }

/// The first feature says what comes, but only where the third is above 0: a line knows the former, not when.
PlantedStudy known_accuracy(double signal) {
  PlantedStudy study({.rows = 300, .signal = 0.0});
  Random random(11);
  for (std::size_t row = 0; row < 300; ++row) {
    for (std::size_t i = 0; i < study.label.columns(); ++i) {
      const auto says = static_cast<double>(study.features.panels[0](row, i));
      const bool holds = study.features.panels[2](row, i) > 0.0F;
      study.label(row, i) = (holds ? signal * says : 0.0) + 0.5 * random.normal();
    }
  }
  return study;
}

std::vector<double> predicted(const Model& model, const PlantedStudy& study) {
  const Dataset test = study.predict(kTest);
  std::vector<double> scores(test.size());
  model.predict(test, scores, 1);
  return scores;
}

std::vector<double> scores_of(const ModelEntry& entry, const ParameterMap& parameters,
                              const PlantedStudy& study, int purge_rows = 2) {
  const auto model = make_model(entry, parameters);
  FitContext context{3, 1};
  context.purge_rows = purge_rows;
  model->fit(study.learn(kTrain), nullptr, context);
  return predicted(*model, study);
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// How many of the surer half of the sides were right, and of all.
struct Precision {
  double surer = 0.0;
  double all = 0.0;
};

Precision precision_of(const PlantedStudy& study, const std::vector<double>& scores) {
  const auto right = meta_labels(study.learn(kTest), scores);
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return std::fabs(scores[a]) > std::fabs(scores[b]); });
  order.resize(order.size() / 2);
  std::vector<double> of_surer;
  for (const std::size_t i : order) of_surer.push_back(right[i]);
  return {mean_of(of_surer), mean_of(right)};
}

TEST(MetaModel, RaisesPrecisionWhereAFeatureKnowsWhenThePrimaryIsRight) {
  const PlantedStudy study = known_accuracy(1.0);
  const auto alone = precision_of(study, scores_of(model_registry().get("ridge"), {}, study));
  for (const char* secondary : {"logistic", "lightgbm"}) {
    const bool trees = std::string(secondary) == "lightgbm";
    const auto judge = trees ? part(secondary, {{"objective", std::string("binary")},
                                                {"num_iterations", std::int64_t{30}},
                                                {"num_leaves", std::int64_t{7}}})
                             : part(secondary);
    const auto both = precision_of(study, scores_of(meta_entry(part("ridge"), judge), {}, study));
    EXPECT_EQ(both.all, alone.all) << "the sides stay the primary's";
    EXPECT_GT(both.surer, alone.surer + 0.05) << secondary;
    EXPECT_GT(both.surer, both.all + 0.1) << secondary;
  }
}

/// Of 1,800 surer sides of nothing as many are right as not, within four standard errors.
TEST(MetaModel, FindsNothingWhereNothingIsPlanted) {
  const PlantedStudy study = known_accuracy(0.0);
  const auto found = precision_of(study, scores_of(meta_entry(part("ridge"), part("logistic")), {}, study));
  EXPECT_NEAR(found.surer, 0.5, 4.0 * 0.5 / std::sqrt(1800.0));
}

/// Out of fold by hand, on a frame of its own: every block's sides from a line fitted on the purged others.
TEST(MetaModel, LearnsFromSidesThatTheirSamplesHadNoPartIn) {
  const PlantedStudy study = known_accuracy(1.0);
  const Dataset train = study.learn(kTrain);
  const int purge = 7;
  const auto splits = purged_splits(kTrain, {4, 1, purge, default_embargo(200, purge)});
  FactorFrame frame = study.features;
  frame.names.insert(frame.names.end(), {"side", "size"});
  frame.panels.resize(8, FloatPanel(300, study.eligible.columns()));
  Panel right(300, study.eligible.columns());
  const auto place = [&](const Dataset& data, const std::vector<double>& scores) {
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const auto [row, column] = data.samples()[i];
      frame.panels[6](row, column) = scores[i] > 0.0 ? 1.0F : -1.0F;
      frame.panels[7](row, column) = static_cast<float>(std::fabs(scores[i]));
      right(row, column) = scores[i] * study.label(row, column) > 0.0 ? 1.0 : 0.0;
    }
  };
  for (std::size_t block = 0; block < 4; ++block) {
    const auto line = make_model(model_registry().get("ridge"), {});
    line->fit(train.within(splits.splits[block].train), nullptr, {3, 1});
    const Dataset held_out = train.within(splits.blocks[block]);
    std::vector<double> scores(held_out.size());
    line->predict(held_out, scores, 1);
    place(held_out, scores);
  }
  const auto line = make_model(model_registry().get("ridge"), {});
  line->fit(train, nullptr, {3, 1});
  const auto sides = predicted(*line, study);
  place(study.predict(kTest), sides);
  const auto judge = make_model(model_registry().get("logistic"), {});
  judge->fit(Dataset(frame, study.no_steps, study.eligible, kTrain, &right), nullptr, {3, 1});
  const Dataset asked(frame, study.no_steps, study.eligible, kTest);
  std::vector<double> expected(asked.size());
  judge->predict(asked, expected, 1);
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] *= sides[i] > 0.0 ? 1.0 : -1.0;

  const auto entry = meta_entry(part("ridge"), part("logistic"));
  EXPECT_EQ(scores_of(entry, {{"folds", std::int64_t{4}}}, study, purge), expected);
  EXPECT_NE(scores_of(entry, {{"folds", std::int64_t{4}}}, study, 0), expected) << "the purge tells";
}

/// scipy: 2 * norm.cdf((p - 0.5) / sqrt(p * (1 - p))) - 1.
TEST(MetaModel, SizesBetsByTheProbability) {
  EXPECT_EQ(bet_size(0.5), 0.0);
  EXPECT_EQ(bet_size(0.2), 0.0);
  EXPECT_EQ(bet_size(1.0), 1.0);
  EXPECT_NEAR(bet_size(0.6), 0.1617435136141736, 1e-15);
  EXPECT_NEAR(bet_size(0.75), 0.4362971383492269, 1e-15);
}

TEST(MetaModel, MakesScoresOfSideAndProbability) {
  const PlantedStudy study = known_accuracy(1.0);
  const auto entry = meta_entry(part("ridge"), part("logistic"));
  const auto alone = scores_of(model_registry().get("ridge"), {}, study);
  const auto by_probability = scores_of(entry, scored("probability"), study);
  const auto by_bet = scores_of(entry, scored("bet_size"), study);
  auto gated_at = scored("gate");
  gated_at["threshold"] = 0.6;
  const auto gated = scores_of(entry, gated_at, study);
  std::size_t through = 0;
  for (std::size_t i = 0; i < alone.size(); ++i) {
    const double probability = std::fabs(by_probability[i]);
    ASSERT_GE(by_probability[i] * alone[i], 0.0);
    ASSERT_DOUBLE_EQ(std::fabs(by_bet[i]), bet_size(probability));
    ASSERT_EQ(gated[i], probability > 0.6 ? alone[i] : 0.0);
    through += probability > 0.6 ? 1U : 0U;
  }
  EXPECT_GT(through, alone.size() / 5);
  EXPECT_LT(through, alone.size() * 4 / 5);
  EXPECT_EQ(make_model(entry, scored("gate"))->describe().task, Task::kRegression);
  EXPECT_EQ(make_model(entry, scored("bet_size"))->describe().task, Task::kRanking);
}

TEST(MetaModel, CalibratesTheSecondaryModelOnValidationRows) {
  const PlantedStudy study = known_accuracy(1.0);
  const auto balanced = part("logistic", {{"class_weight", std::string("balanced")}});
  const auto mean_probability = [&](const char* calibration) {
    const auto model =
        make_model(meta_entry(part("ridge"), balanced), {{"calibration", std::string(calibration)}});
    const Dataset valid = study.learn({150, 200});
    model->fit(study.learn({0, 150}), &valid, {3, 1});
    auto scores = predicted(*model, study);
    for (double& score : scores) score = std::fabs(score);
    return mean_of(scores);
  };
  const double precision = precision_of(study, scores_of(model_registry().get("ridge"), {}, study)).all;
  // Four standard errors of 900 samples that calibrate and 3,600 that are asked about.
  const double tolerance = 4.0 * std::sqrt(0.25 / 900.0 + 0.25 / 3600.0);
  EXPECT_GT(std::fabs(mean_probability("none") - precision), 0.1) << "balanced classes say a half";
  EXPECT_NEAR(mean_probability("platt"), precision, tolerance);
  EXPECT_NEAR(mean_probability("isotonic"), precision, tolerance);
}

std::string error_of(const ModelEntry& entry, const ParameterMap& parameters = {}) {
  const PlantedStudy study = known_accuracy(1.0);
  try {
    scores_of(entry, parameters, study);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(MetaModel, RefusesPartsThatSayOtherThings) {
  EXPECT_NE(error_of(meta_entry(part("logistic"), part("logistic"))).find("takes sides"), std::string::npos);
  EXPECT_NE(error_of(meta_entry(part("ridge"), part("ridge"))).find("must give probabilities"),
            std::string::npos);
}

TEST(MetaModel, RefusesAFeatureOfItsOwnName) {
  PlantedStudy study;
  study.features.names[4] = "primary_side";
  const auto model = make_model(meta_entry(part("ridge"), part("logistic")), {});
  EXPECT_THROW(testing::fit_planted(*model, study, {0, 1}), Error);
}

TEST(MetaModel, RefusesAFileOfOtherParts) {
  const PlantedStudy study;
  const testing::TemporaryFolder folder;
  const auto model = make_model(meta_entry(part("ridge"), part("logistic")), {});
  testing::fit_planted(*model, study, {0, 1});
  model->save(folder.path());
  const auto other = make_model(meta_entry(part("lasso"), part("logistic")), {});
  EXPECT_THROW(other->load(folder.path()), Error);
}

}  // namespace
}  // namespace orrery::meta_model_test
