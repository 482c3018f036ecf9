#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/ml/model_file.h"
#include "testing/model_registry.h"
#include "testing/planted_signal.h"
#include "testing/temporary_folder.h"

namespace orrery::knn_test {
namespace {

using testing::fit_planted;
using testing::PlantedStudy;
using testing::predict_planted;

std::unique_ptr<Model> make_knn(const ParameterMap& parameters) {
  return make_model(testing::model_registry().get("knn"), parameters);
}

/// A sample's own label, where it was kept: which samples were, therefore.
std::vector<bool> kept_samples(const ParameterMap& parameters, const PlantedStudy& study,
                               std::uint64_t seed) {
  const auto model = make_knn(parameters);
  const Dataset train = study.learn({0, 80});
  model->fit(train, nullptr, {seed, 1});
  std::vector<double> scores(train.size());
  model->predict(train, scores, 1);
  std::vector<bool> kept;
  for (std::size_t i = 0; i < scores.size(); ++i) kept.push_back(scores[i] == train.labels()[i]);
  return kept;
}

TEST(Knn, KeepsSoManySamplesDrawnBySeed) {
  const PlantedStudy study;
  const ParameterMap parameters{{"k", std::int64_t{1}}, {"max_samples", std::int64_t{500}}};
  const auto kept = kept_samples(parameters, study, 7);
  EXPECT_EQ(std::count(kept.begin(), kept.end(), true), 500);
  EXPECT_EQ(kept_samples(parameters, study, 7), kept);
  EXPECT_NE(kept_samples(parameters, study, 8), kept);
  // As many of the first half as of the second: 250 drawn of so many have a deviation under 11.2.
  const auto middle = kept.begin() + static_cast<std::ptrdiff_t>(kept.size() / 2);
  EXPECT_NEAR(static_cast<double>(std::count(kept.begin(), middle, true)), 250.0, 5 * 11.2);
}

TEST(Knn, SamplesWithoutWeightAreNobodysNeighbours) {
  const PlantedStudy study;
  Dataset train = study.learn({0, 80});
  std::vector<float> weights(train.size(), 0.0F);
  for (std::size_t i = 0; i < 60; ++i) weights[i] = 1.0F;
  train.set_weights(weights);
  const auto model = make_knn({{"k", std::int64_t{60}}});
  model->fit(train, nullptr, {0, 1});
  double mean = 0.0;
  for (std::size_t i = 0; i < 60; ++i) mean += train.labels()[i] / 60.0;
  for (const double score : predict_planted(*model, study)) EXPECT_NEAR(score, mean, 1e-14);
  EXPECT_THROW(make_knn({{"k", std::int64_t{61}}})->fit(train, nullptr, {0, 1}), Error);
}

TEST(Knn, SaysNothingOfWhatIsMissing) {
  const auto model = make_knn({});
  PlantedStudy study;
  fit_planted(*model, study, {0, 1});
  const auto whole = predict_planted(*model, study);
  study.features.panels[5](110, 3) = FloatPanel::missing();
  study.eligible(110, 3) = 1;
  const Dataset asked = study.predict({110, 111});
  std::vector<double> scores(asked.size());
  model->predict(asked, scores, 1);
  for (std::size_t i = 0; i < scores.size(); ++i)
    EXPECT_EQ(std::isnan(scores[i]), asked.samples()[i].instrument == 3) << i;
}

TEST(Knn, RefusesAFileOfAnotherSize) {
  const auto model = make_knn({});
  const PlantedStudy study;
  fit_planted(*model, study, {0, 1});
  const testing::TemporaryFolder folder;
  model->save(folder.path());
  ModelFile file = read_model_file(folder.path(), "knn");
  file.content.pop_back();
  write_model_file(folder.path(), file);
  EXPECT_THROW(model->load(folder.path()), Error);
}

}  // namespace
}  // namespace orrery::knn_test
