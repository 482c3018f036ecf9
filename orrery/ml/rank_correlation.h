#pragma once

#include <span>

namespace orrery {

/// Returns the Spearman correlation of two equally long spans without missing values; equal values share
/// their average rank. NaN for fewer than two values, or where either does not vary.
double rank_correlation(std::span<const double> x, std::span<const double> y);

}  // namespace orrery
