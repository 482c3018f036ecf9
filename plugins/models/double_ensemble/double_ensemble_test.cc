// The parts of double_ensemble; the whole is held against a slow reference in double_ensemble_parity_test.py.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/ml/model_file.h"
#include "plugins/models/double_ensemble/feature_choice.h"
#include "plugins/models/double_ensemble/reweighting.h"
#include "plugins/models/lightgbm/training.h"
#include "testing/model_registry.h"
#include "testing/planted_signal.h"
#include "testing/temporary_folder.h"

namespace orrery::double_ensemble_test {
namespace {

using plugins::models::double_ensemble::draw_features;
using plugins::models::double_ensemble::equal_width_bins;
using plugins::models::double_ensemble::feature_worth;
using plugins::models::double_ensemble::LearningCurves;
using plugins::models::double_ensemble::read_settings;
using plugins::models::double_ensemble::Settings;
using plugins::models::double_ensemble::shuffled_order;
using plugins::models::double_ensemble::SubModel;
using plugins::models::double_ensemble::weigh_samples;
using plugins::models::lightgbm::Forest;
using testing::PlantedStudy;

const ModelEntry& entry() { return testing::model_registry().get("double_ensemble"); }

Settings settings_of(const ParameterMap& given) {
  return read_settings(complete_parameters(given, entry().info.parameters));
}

/// pandas.cut([0, 1, 2.5, 5, 7.5, 10], 4, labels=False); pandas.cut([3, 3], 5, labels=False).
TEST(EqualWidthBins, AreThoseOfPandas) {
  const std::vector<double> values{0.0, 1.0, 2.5, 5.0, 7.5, 10.0};
  EXPECT_EQ(equal_width_bins(values, 4), (std::vector<std::size_t>{0, 0, 0, 1, 2, 3}));
  EXPECT_EQ(equal_width_bins(std::vector<double>{3.0, 3.0}, 5), (std::vector<std::size_t>{2, 2}));
  EXPECT_EQ(equal_width_bins(std::vector<double>{0.0}, 2), (std::vector<std::size_t>{0}));
}

/// By hand: four samples, two bins. Losses 1, 2, 3, 4 rank 1, 3/4, 1/2, 1/4 from the easiest; last / first
/// are 1, 2, 1/2, 3 and rank 1/2, 3/4, 1/4, 1. h is 3/2, 3/2, 3/4, 5/4; the bins' edges are 3/4, 9/8, 3/2.
TEST(WeighSamples, GivesWeightToWhatIsStillToBeLearned) {
  const LearningCurves curves{{2.0, 1.0, 4.0, 1.0}, {2.0, 2.0, 2.0, 3.0}};
  const std::vector<double> losses{1.0, 2.0, 3.0, 4.0};
  const auto weights = weigh_samples(curves, losses, 1, settings_of({{"bins_sr", std::int64_t{2}}}));
  const double easy = 1.0 / (0.5 * (1.5 + 1.5 + 1.25) / 3.0 + 0.1);
  const double hard = 1.0 / (0.5 * 0.75 + 0.1);
  ASSERT_EQ(weights.size(), 4u);
  for (const std::size_t i : {0U, 1U, 3U}) EXPECT_DOUBLE_EQ(weights[i], easy);
  EXPECT_DOUBLE_EQ(weights[2], hard);
  const auto later = weigh_samples(curves, losses, 3, settings_of({{"bins_sr", std::int64_t{2}}}));
  EXPECT_LT(later[2] / later[0], weights[2] / weights[0]) << "weights become alike";
}

TEST(ShuffledOrder, IsAPermutationOfItsOwn) {
  const auto one = shuffled_order(200, {7, 1}, 3);
  EXPECT_EQ(std::set<std::size_t>(one.begin(), one.end()).size(), 200u);
  EXPECT_EQ(one, shuffled_order(200, {7, 1}, 3));
  EXPECT_NE(one, shuffled_order(200, {7, 1}, 4));
  EXPECT_NE(one, shuffled_order(200, {7, 2}, 3));
  EXPECT_NE(one, shuffled_order(200, {8, 1}, 3));
}

TEST(DrawFeatures, TakesTheSharesOfTheBinsThatAreThere) {
  std::vector<double> worth(30, 0.0);  // the lowest of five bins holds 20, the highest 10, the others none
  std::fill(worth.begin(), worth.begin() + 10, 1.0);
  const auto chosen = draw_features(worth, settings_of({}), {1, 1});
  const auto good =
      std::count_if(chosen.begin(), chosen.end(), [](std::size_t feature) { return feature < 10; });
  EXPECT_EQ(good, 8) << "0.8 of the best bin";
  EXPECT_EQ(chosen.size(), 22u) << "0.7 of the next one that is there";
  EXPECT_TRUE(std::is_sorted(chosen.begin(), chosen.end()));
  EXPECT_EQ(std::set<std::size_t>(chosen.begin(), chosen.end()).size(), chosen.size());
}

/// One sub-model of LightGBM's on all features.
SubModel trees_on(const PlantedStudy& study, const ParameterMap& given) {
  const auto& trees = testing::model_registry().get("lightgbm");
  LibrarySeconds seconds;
  const auto trained = plugins::models::lightgbm::train_trees(
      study.learn({0, 80}), nullptr, complete_parameters(given, trees.info.parameters), {3, 1}, 1, seconds);
  std::vector<std::size_t> all(study.features.names.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return {all, Forest(trained.text), 1.0};
}

TEST(FeatureWorth, IsHighestForThePlantedFeaturesAndNothingWithoutASplit) {
  const PlantedStudy study;
  const Dataset train = study.learn({0, 80});
  const std::vector<SubModel> models{
      trees_on(study, {{"num_iterations", std::int64_t{5}}, {"num_leaves", std::int64_t{3}}})};
  const auto scores = ensemble_scores(models, train, 1);
  std::vector<std::size_t> counted(train.size());
  std::iota(counted.begin(), counted.end(), std::size_t{0});
  const auto worth = feature_worth(models, train, scores, counted, {1, 1}, 1);
  EXPECT_GT(worth[0], worth[1]);
  EXPECT_GT(worth[1], 0.1);
  for (std::size_t f = 2; f < worth.size(); ++f) EXPECT_EQ(worth[f], 0.0) << f;
  EXPECT_EQ(feature_worth(models, train, scores, counted, {1, 1}, 3), worth) << "whatever the threads";
}

/// The library's own predictions, to the bit: missing values, values of 0, categories that were never seen.
TEST(Forest, SaysWhatTheLibrarySays) {
  PlantedStudy study({.missing_share = 0.1});
  for (std::size_t row = 0; row < 120; ++row) {
    for (std::size_t i = 0; i < 40; ++i) {
      auto& category = study.features.panels[2](row, i);
      category = std::floor(std::fabs(category) * (row < 80 ? 8.0F : 30.0F));
      study.label(row, i) +=
          static_cast<double>(static_cast<int>(std::isnan(category) ? 0.0F : category) % 3);
      auto& sparse = study.features.panels[3](row, i);
      if (sparse > 0.0F) sparse = 0.0F;
    }
  }
  const ParameterMap given{{"categorical", std::string("f2")}, {"num_iterations", std::int64_t{40}}};
  const Forest forest = trees_on(study, given).forest;
  const auto model = make_model(testing::model_registry().get("lightgbm"), given);
  model->fit(study.learn({0, 80}), nullptr, {3, 1});
  const Dataset test = study.predict({100, 120});
  std::vector<double> expected(test.size());
  model->predict(test, expected, 1);
  std::vector<float> rows(test.size() * test.feature_count());
  test.read_rows(0, test.size(), rows.data(), 1);
  for (std::size_t i = 0; i < test.size(); ++i) {
    float* row = rows.data() + i * test.feature_count();
    double score = 0.0;
    for (std::size_t tree = 0; tree < forest.size(); ++tree) score += forest.output(tree, row);
    ASSERT_EQ(score, expected[i]) << i;
    for (const std::size_t feature : {0U, 2U, 3U}) {
      const float* other = rows.data() + (i * 7 + 3) % test.size() * test.feature_count();
      std::vector<float> changed(row, row + test.feature_count());
      changed[feature] = other[feature];
      for (std::size_t tree = 0; tree < forest.size(); ++tree) {
        ASSERT_EQ(forest.change(tree, row, feature, other[feature]),
                  forest.output(tree, changed.data()) - forest.output(tree, row));
      }
    }
  }
}

TEST(Forest, RefusesWhatIsNone) {
  EXPECT_THROW(Forest("something else"), Error);
  EXPECT_THROW(Forest("tree\n\nTree=0\nnum_leaves=3\nis_linear=0\nleaf_value=1 2\n\nend of trees\n"), Error);
}

TEST(DoubleEnsemble, RefusesListsThatDoNotFit) {
  const auto error_of = [](const ParameterMap& given) {
    try {
      make_model(entry(), given);
      return std::string();
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  EXPECT_NE(error_of({{"bins_fs", std::int64_t{3}}}).find("sample_ratios must be a list of 3"),
            std::string::npos);
  EXPECT_NE(error_of({{"sub_weights", std::string("1, 2")}}).find("sub_weights must be a list of 6"),
            std::string::npos);
  EXPECT_NE(error_of({{"sample_ratios", std::string("0.8, 0.7, 0.6, 0.5, x")}}).find("found [0.8"),
            std::string::npos);
  EXPECT_NE(error_of({{"sample_ratios", std::string("0.8, 0.7, 0.6, 0.5, 1.5")}}).find("at most 1"),
            std::string::npos);
  EXPECT_NE(
      error_of({{"num_models", std::int64_t{2}}, {"sub_weights", std::string("0,1")}}).find("begin above 0"),
      std::string::npos);
  EXPECT_EQ(error_of({{"num_models", std::int64_t{2}}, {"sub_weights", std::string("1,0.5")}}), "");
}

/// A whole file about features that there are none of.
TEST(DoubleEnsemble, RefusesAFileOfOtherFeatures) {
  const PlantedStudy study;
  const testing::TemporaryFolder folder;
  const auto model = make_model(entry(), {{"epochs", std::int64_t{3}}, {"num_models", std::int64_t{2}}});
  testing::fit_planted(*model, study, {0, 1});
  model->save(folder.path());
  auto file = read_model_file(folder.path(), "double_ensemble");
  file.features.resize(1);
  write_model_file(folder.path(), file);
  EXPECT_THROW(model->load(folder.path()), Error);
  file.content = "no JSON";
  write_model_file(folder.path(), file);
  EXPECT_THROW(model->load(folder.path()), Error);
}

TEST(DoubleEnsemble, ReportsItsSubModels) {
  const PlantedStudy study;
  const auto model = make_model(entry(), {{"epochs", std::int64_t{10}}, {"num_models", std::int64_t{3}}});
  const auto report = testing::fit_planted(*model, study, {0, 1});
  EXPECT_EQ(report.rounds, 30);
  ASSERT_EQ(report.members.size(), 3u);
  for (const auto& member : report.members) {
    EXPECT_DOUBLE_EQ(member.weight, 1.0 / 3.0);
    EXPECT_GT(member.valid_rank_ic, 0.5);
  }
}

}  // namespace
}  // namespace orrery::double_ensemble_test
