#pragma once

#include <string>
#include <utility>
#include <vector>

#include "orrery/ml/model.h"

namespace orrery::plugins::models::xgboost {

ModelInfo describe_model();

Task task_of(const ParameterMap& parameters);

/// Returns what XGBoost is told, by its own names.
std::vector<std::pair<std::string, std::string>> library_settings(const ParameterMap& parameters,
                                                                  std::uint64_t seed, int threads);

}  // namespace orrery::plugins::models::xgboost
