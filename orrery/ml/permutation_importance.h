#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "orrery/market/panel.h"
#include "orrery/ml/explanation_results.h"
#include "orrery/ml/model.h"

namespace orrery {

struct PermutationSpec {
  std::vector<std::size_t> features;  ///< positions in the data set
  int repeats = 5;
  std::uint64_t seed = 0;
  int threads = 0;
};

/// Predicts again with one feature's values, as the model sees them, shuffled among the samples of each
/// session, and tells by how much the mean rank IC falls. A model that reads windows sees every session of
/// them shuffled, each by itself. One feature's panel is copied, not the features.
///
/// `outcome`: on the panels' axes, what the scores are held against; missing: NaN, left out. Sessions with
/// fewer than five pairs, or without spread, are left out. Features that resemble each other stand in for one
/// another: each alone drops little, however much the model leans on them together. The result does not
/// depend on `threads`. `library_seconds` gains what the predictions took. Errors: as Model::predict.
/// Source: Breiman (2001), "Random forests", section 10, within sessions; model-agnostic as Fisher, Rudin and
/// Dominici (2019), "All models are wrong, but many are useful".
PermutationReport permutation_importance(const Model& model, const Dataset& data, const Panel& outcome,
                                         const PermutationSpec& spec, LibrarySeconds& library_seconds);

}  // namespace orrery
