#pragma once

#include <cstddef>
#include <span>

namespace orrery {

/// Returns the mean over sessions of the (Pearson) correlation of scores and labels. Session g holds samples
/// [groups[g], groups[g + 1]) of both. Sessions without a correlation (fewer than two samples, equal scores,
/// equal labels, a missing value) don't count; NaN where none does.
double mean_correlation(std::span<const double> scores, std::span<const double> labels,
                        std::span<const std::size_t> groups);
double mean_correlation(std::span<const float> scores, std::span<const double> labels,
                        std::span<const std::size_t> groups);

}  // namespace orrery
