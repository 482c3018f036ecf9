#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/ml/dataset.h"

namespace orrery {

/// What models ask of what they are given, in the same words.

/// `purpose`: "train" or "validate". Errors: kInvalidArgument for no samples; kInternal for no labels.
void require_trainable(const Dataset& data, std::string_view purpose);

/// Errors: kInvalidArgument where a model that is not fitted should predict.
void require_fitted(std::string_view model, bool is_fitted);

/// Errors: kInvalidArgument for other features than a model was fitted on; kInternal for no room.
void require_same_features(std::string_view model, const std::vector<std::string>& fitted,
                           const Dataset& data, std::span<const double> out);

/// The same for contributions: room for size() × (feature_count() + 1) of them.
void require_explainable_features(std::string_view model, const std::vector<std::string>& fitted,
                                  const Dataset& data, std::span<const double> out);

/// Errors: kInvalidArgument where a model that is not fitted should be saved.
void require_savable(std::string_view model, bool is_fitted);

/// Errors: kInvalidArgument for a label that is neither 0 nor 1.
void require_binary(std::span<const double> labels);

/// Cuts each session's labels into grades of equal size, 0 the lowest, as models that rank learn them.
std::vector<float> relevance_grades(const Dataset& data, std::int64_t grades);

}  // namespace orrery
