#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "plugins/models/double_ensemble/sub_models.h"

namespace orrery::plugins::models::double_ensemble {

/// Where shuffles and draws come from: they depend on the seed and on how many sub-models are fitted alone.
struct Draws {
  std::uint64_t seed = 0;
  std::uint64_t fitted = 0;
};

/// Returns how much each feature of `data` is worth to the ensemble: the mean over the samples `counted` of
/// what its shuffling over all samples adds to their squared error, over the deviation of this plus 1e-7. 0
/// for features that no tree splits on. `scores`: what the ensemble says of `data`. Samples count by their
/// weights. Memory: as many columns at a time as threads can share. Source: Zhang et al. (2020), sec. III-C,
/// algorithm 3.
std::vector<double> feature_worth(const std::vector<SubModel>& models, const Dataset& data,
                                  std::span<const double> scores, const std::vector<std::size_t>& counted,
                                  const Draws& draws, int threads);

/// Draws features for the next sub-model: they are cut into bins by their worth (see equal_width_bins); of
/// the best bin that is not empty the first of the ratios stays, of the next one the second, each rounded up.
/// Returns positions, ascending.
std::vector<std::size_t> draw_features(std::span<const double> worth, const Settings& settings,
                                       const Draws& draws);

/// The order that feature `feature`'s values are shuffled into: sample i gets that of sample result[i].
std::vector<std::size_t> shuffled_order(std::size_t samples, const Draws& draws, std::size_t feature);

}  // namespace orrery::plugins::models::double_ensemble
