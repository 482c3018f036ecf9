#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace orrery {

/// What a feature added to a model's raw scores, over some samples.
struct FeatureContribution {
  std::string feature;
  double mean_size = 0.0;  ///< mean absolute contribution
  /// Spearman correlation of the feature's value and its contribution, over the samples that have a value:
  /// near 1 where the score grows with the feature, near -1 where it falls; NaN where either does not vary.
  double relation = 0.0;
};

/// What a model's scores lose without one feature.
struct PermutationImportance {
  std::string feature;
  double mean_drop = 0.0;  ///< of the mean rank IC, over the repeats; below 0: better without
  double deviation = 0.0;  ///< of the drop over the repeats, divisor n - 1; NaN for one repeat
};

/// What scores lose feature by feature.
struct PermutationReport {
  double rank_ic = 0.0;                         ///< mean over the sessions, of the scores as they are
  std::size_t sessions = 0;                     ///< that have a rank IC
  std::vector<PermutationImportance> features;  ///< in the order asked for
};

/// A model's mean score by the value of one feature.
struct PartialDependence {
  std::string feature;
  std::vector<double> values;  ///< as the model sees them, ascending, all different
  std::vector<double> scores;  ///< by value: the mean prediction over the samples
  double mean_score = 0.0;     ///< of the samples as they are
};

}  // namespace orrery
