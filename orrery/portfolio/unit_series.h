#pragma once

#include <span>

namespace orrery {

/// Takes the mean off a series and scales it to a length of 1, so that the product of two such series is
/// their correlation. Returns false, and leaves zeros, where the series does not move.
bool make_unit_series(std::span<double> series);

/// Returns the mean correlation of all pairs of n >= 2 unit series from their sum: of the products of all
/// pairs the sum is (|Σu|² − n) / 2, so that no pair is visited.
double mean_pair_correlation(std::span<const double> sum_of_units, double n);

}  // namespace orrery
