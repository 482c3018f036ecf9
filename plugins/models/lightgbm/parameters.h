#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orrery/ml/model.h"

namespace orrery::plugins::models::lightgbm {

/// Describes the model for listings and studies: LightGBM's own parameter names, with its aliases.
ModelInfo describe_model();

/// What the scores of an objective mean.
Task task_of(const ParameterMap& parameters);

/// Writes parameters in LightGBM's form, with `deterministic` and `force_col_wise`, so that the number of
/// threads does not change the model. The seed is the parameters' own where they have one, else `seed`.
std::string library_parameters(const ParameterMap& parameters, std::uint64_t seed, int threads);

/// What the settings say of features by name, in LightGBM's form, by the features' order; empty where
/// nothing. Errors: kInvalidArgument.
std::string feature_parameters(const ParameterMap& parameters, const std::vector<std::string>& features);

}  // namespace orrery::plugins::models::lightgbm
