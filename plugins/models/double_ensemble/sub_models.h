#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "orrery/ml/dataset.h"
#include "plugins/models/double_ensemble/reweighting.h"
#include "plugins/models/lightgbm/forest.h"

namespace orrery::plugins::models::double_ensemble {

/// A sub-model's trees and the features that they see, positions in the whole data set, ascending.
struct SubModel {
  std::vector<std::size_t> features;
  lightgbm::Forest forest;
  double weight = 1.0;
};

/// One score a sample: the sub-models' mean by their weights.
std::vector<double> ensemble_scores(const std::vector<SubModel>& models, const Dataset& data, int threads);

/// The learning curves of the samples `counted` while a sub-model's trees were added: squared errors after
/// each round, ranked among these samples. Memory: 16 numbers a sample at a time.
LearningCurves learning_curves(const SubModel& model, const Dataset& data,
                               const std::vector<std::size_t>& counted, int threads);

}  // namespace orrery::plugins::models::double_ensemble
