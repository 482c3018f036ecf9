#pragma once

#include <cstdint>
#include <string>

#include "orrery/ml/model.h"

namespace orrery::plugins::models::lightgbm {

/// Describes the model for listings and studies: LightGBM's own parameter names, with its aliases.
ModelInfo describe_model();

/// What the scores of an objective mean.
Task task_of(const ParameterMap& parameters);

/// Writes parameters in LightGBM's form, with `deterministic` and `force_col_wise`, so that the number of
/// threads does not change the model. The seed is the parameters' own where they have one, else `seed`.
std::string library_parameters(const ParameterMap& parameters, std::uint64_t seed, int threads);

}  // namespace orrery::plugins::models::lightgbm
