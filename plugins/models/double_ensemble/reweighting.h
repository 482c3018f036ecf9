#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "plugins/models/double_ensemble/settings.h"

namespace orrery::plugins::models::double_ensemble {

/// Cuts the range of values into `bins` parts of equal width, closed above, and says in which each value
/// lies, from 0. As pandas.cut does: the range begins a thousandth of its width lower, and values that are
/// all the same lie in the middle of a range of their own. `values`: not empty, all finite.
std::vector<std::size_t> equal_width_bins(std::span<const double> values, std::size_t bins);

/// How a sample's loss went while a sub-model learned: sums of its ranks among the samples' losses over the
/// first and over the last tenth of the rounds (at least one).
struct LearningCurves {
  std::vector<double> first, last;
};

/// Returns the weight of every sample for the sub-model after `fitted` ones: 1 / (decay^fitted × h + 0.1), h
/// the mean over the sample's bin of alpha1 × the rank of the ensemble's loss (the smallest loss ranks
/// highest) + alpha2 × the rank of last / first, ranks scaled to at most 1. What the ensemble knows already
/// weighs less, and so does what it can't learn: a loss that ranks higher at the end than at the beginning.
/// Source: Zhang et al. (2020), "DoubleEnsemble", sec.
/// III-B, algorithm 2.
std::vector<double> weigh_samples(const LearningCurves& curves, std::span<const double> losses, int fitted,
                                  const Settings& settings);

}  // namespace orrery::plugins::models::double_ensemble
