#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace orrery {

/// How much one feature mattered to a fold's model, in the model's own unit (LightGBM: total gain).
struct ImportanceEntry {
  std::string feature;
  double importance = 0.0;
};

/// How alike two folds judged the features. Folds are counted from 0 in the study's order.
struct FoldAgreement {
  std::size_t first = 0;
  std::size_t second = 0;
  double rank_correlation = std::numeric_limits<double>::quiet_NaN();  ///< Spearman, over all features
  double top_in_common = std::numeric_limits<double>::quiet_NaN();     ///< share of the heaviest features
};

/// Whether the folds learned the same thing.
struct ImportanceStability {
  std::size_t features = 0;  ///< that any fold lists
  std::size_t top = 0;       ///< how many of the heaviest are compared: 20, or a quarter of fewer than 80
  std::vector<FoldAgreement> pairs;  ///< every pair of folds with importances, in order
  double mean_rank_correlation = std::numeric_limits<double>::quiet_NaN();
  double mean_top_in_common = std::numeric_limits<double>::quiet_NaN();
  std::size_t in_every_top = 0;  ///< features among the heaviest of every fold
  /// What two rankings that have nothing to do with each other share on average: top / features.
  double top_in_common_by_chance = std::numeric_limits<double>::quiet_NaN();
};

/// Compares the importances of folds, one list a fold; a feature that a fold doesn't list has 0 there, empty
/// lists are left out. Equal importances share their rank for the correlation and go by name for the
/// heaviest. NaN and no pairs with fewer than two folds; no heaviest ones with fewer than 8 features.
ImportanceStability measure_importance_stability(std::span<const std::vector<ImportanceEntry>> folds);

}  // namespace orrery
