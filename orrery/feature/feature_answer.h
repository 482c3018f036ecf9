#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/feature/feature_definitions.h"

namespace orrery {

/// What a value that was asked for is.
enum class FeatureStatus : std::uint8_t {
  kPresent,
  kMissing,     ///< the symbol has a bar, and the feature no value there
  kExpired,     ///< older than the view's values are good for
  kNeverKnown,  ///< the view knows nothing of the symbol
};

/// Returns "present", "missing", "expired" or "never_known".
std::string_view to_string(FeatureStatus status);

/// One feature of a file of features, by its places there.
struct FeatureReference {
  std::size_t view = 0;
  std::size_t feature = 0;
};

/// Reads "view:feature" names, and all features of named views; both empty: all there are. Errors: kNotFound,
/// with the nearest name; kInvalidArgument for one that stands twice.
std::vector<FeatureReference> find_features(const FeatureDefinitions& definitions,
                                            const std::vector<std::string>& features,
                                            const std::vector<std::string>& views);

/// Returns "view:feature".
std::string feature_name(const FeatureDefinitions& definitions, const FeatureReference& reference);

/// What of one view was answered.
struct AnsweredView {
  std::size_t view = 0;
  std::vector<std::size_t> features;             ///< of the view
  std::shared_ptr<const Materialization> about;  ///< of online values; null: never materialized
  std::vector<std::optional<Date>> sessions;     ///< by row: whose bar the values are of
  std::vector<float> values;                     ///< [row × feature]; NaN unless present
  std::vector<FeatureStatus> statuses;           ///< [row × feature]
};

}  // namespace orrery
