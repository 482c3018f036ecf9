#pragma once

#include <vector>

#include "orrery/ml/model.h"

namespace orrery::plugins::models::double_ensemble {

/// How sub-models follow one another; what a sub-model itself is set to are LightGBM's settings.
struct Settings {
  int models = 6;
  bool reweights = true;  ///< samples
  bool selects = true;    ///< features
  double alpha1 = 1.0;    ///< share of the ensemble's loss in a sample's h
  double alpha2 = 1.0;    ///< share of its learning curve
  int bins_of_samples = 10;
  int bins_of_features = 5;
  double decay = 0.5;
  std::vector<double> sample_ratios;  ///< of each bin of features from the best one down: how many stay
  std::vector<double> sub_weights;    ///< one a sub-model
};

/// The settings under qlib's names, and LightGBM's as far as they suit a loss of squares.
ModelInfo describe_model();

/// Errors: kInvalidArgument for lists of another length than asked for, and shares that can't be.
Settings read_settings(const ParameterMap& parameters);

/// What LightGBM is to be told, completed (see lightgbm::describe_model).
ParameterMap tree_settings(const ParameterMap& parameters);

}  // namespace orrery::plugins::models::double_ensemble
