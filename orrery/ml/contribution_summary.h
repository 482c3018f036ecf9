#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "orrery/ml/explanation_results.h"
#include "orrery/ml/model.h"
#include "orrery/ml/sample_table.h"

namespace orrery {

/// Contributions of some samples, and what they say together.
struct ContributionSummary {
  double base = 0.0;                          ///< the base value
  std::vector<FeatureContribution> features;  ///< in the model's order
  std::vector<double> contributions;          ///< as Model::contributions writes them
  LibrarySeconds library_seconds;
};

/// Splits the scores of a table's samples. The model must offer it. Does not depend on `threads`. Errors: as
/// Model::contributions. Source of the mean size as an importance: Lundberg et al. (2020), "From local
/// explanations to global understanding with explainable AI for trees", section 2.6.
ContributionSummary summarize_contributions(const Model& model, const SampleTable& table, int threads);

}  // namespace orrery
