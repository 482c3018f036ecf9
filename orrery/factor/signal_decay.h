#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace orrery {

/// How a factor's relation to the returns fades.
struct SignalDecay {
  /// By session k = 1 … behind the entry: mean rank IC with the return of that one session.
  std::vector<double> rank_ic;
  double first_t = std::numeric_limits<double>::quiet_NaN();  ///< Newey-West t of the first
  /// Sessions in which the rank IC halves: that of the exponential a 2^(-(k-1)/half-life) which fits the
  /// curve best. Infinite when it does not halve within ten times the curve's length; NaN when the first rank
  /// IC is not distinguishable from 0 (|t| < 1.96), which leaves nothing to halve, or the curve has fewer
  /// than three points.
  double half_life = std::numeric_limits<double>::quiet_NaN();
};

/// Returns the half-life of the exponential a 2^(-k/h), k = 0 …, that fits `values` by least squares, from
/// 0.1 to ten times their number; infinite where a longer one would fit best. NaN with fewer than three
/// values, a missing one, or where the best fit is flat at 0. The same as scipy's curve_fit where that
/// converges.
double fit_half_life(std::span<const double> values);

}  // namespace orrery
