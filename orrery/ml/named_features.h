#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/parameters.h"
#include "orrery/ml/dataset.h"

namespace orrery {

/// A setting that speaks of features by their names, as a study's `{A: 1, B: -1}` or `[A, B]` is handed to a
/// model: "A: 1, B: -1", "A, B".
struct NamedFeature {
  std::string name;
  int value = 1;  ///< 1 where the setting gives none
};

/// Reads such a setting. Errors: kInvalidArgument, naming `setting`, for a name that stands twice, is empty,
/// or has another value than 1, 0 and, of `monotone` alone, -1.
std::vector<NamedFeature> parse_named_features(std::string_view setting, std::string_view text);

/// Returns a value a feature, 0 for those that are not named. Names that `features` lacks are passed over: a
/// fold may have chosen other features, a member of an ensemble sees some of them.
std::vector<int> values_by_feature(const std::vector<NamedFeature>& named,
                                   const std::vector<std::string>& features);
/// The same of a model's setting. Errors: as parse_named_features.
std::vector<int> values_by_feature(const ParameterMap& parameters, const std::string& setting,
                                   const std::vector<std::string>& features);

/// Errors: kInvalidArgument, naming the feature and what was found, unless all values of the features marked
/// are whole numbers from 0 to `largest`, or missing.
void require_categories(const Dataset& data, const std::vector<int>& marked, double largest);

}  // namespace orrery
