#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "orrery/ml/explanation_results.h"
#include "orrery/report/importance_stability.h"

namespace orrery {

/// What one fold's model makes of its features on cells that it was tested on.
struct FoldExplanation {
  std::size_t samples = 0;
  double base = 0.0;
  std::vector<FeatureContribution> contributions;  ///< in the model's order; empty: it offers none
  std::optional<PermutationReport> permutation;    ///< nothing: not asked for
  std::vector<PartialDependence> dependence;       ///< of the features asked for
};

/// What the models of a run look at.
struct ModelExplanation {
  std::string method;  ///< such as "TreeSHAP"; "" for a model that offers no contributions
  std::string unit;    ///< of contributions: "score" or "log-odds"
  std::vector<FoldExplanation> folds;
};

/// One feature over all folds. Means are over the folds whose model has it.
struct ExplainedFeature {
  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

  std::string feature;
  double share = 0.0;                   ///< of all mean absolute contributions; 0 where a fold lacks it
  std::vector<double> fold_shares;      ///< by fold
  double mean_size = kMissing;          ///< mean absolute contribution
  double relation = kMissing;           ///< mean over the folds
  double drop = kMissing;               ///< of the rank IC when shuffled; NaN: not measured
  double drop_deviation = kMissing;     ///< over the repeats, mean of the folds
  std::vector<double> fold_drops = {};  ///< of the folds that measured it
};

/// The `count` features with the largest mean share, equal ones by name; where there are no contributions,
/// those that were shuffled, by their drop.
std::vector<ExplainedFeature> rank_explained(const ModelExplanation& explanation, std::size_t count);

/// How alike the folds' mean absolute contributions are.
ImportanceStability explanation_stability(const ModelExplanation& explanation);

/// The section of the report, and its charts' members `explanation` and `dependence` as one JSON object.
std::string render_explanation(const ModelExplanation& explanation);
std::string explanation_chart_json(const ModelExplanation& explanation);

}  // namespace orrery
