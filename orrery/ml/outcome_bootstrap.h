#pragma once

#include <limits>
#include <span>
#include <vector>

#include "orrery/ml/block_bootstrap.h"

namespace orrery {

/// What a number of sessions could bring, were they like those of a series of returns. Returns are fractions,
/// compounded; falls are shares of the highest value so far, the start included.
struct OutcomePaths {
  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

  int sessions = 0;  ///< length of a path
  int draws = 0;
  double block_length = kMissing;
  std::vector<int>
      days;  ///< sessions from the start that the lines tell of, ascending, the last one included
  std::vector<double> low, lower, median, higher,
      high;                            ///< 5, 25, 50, 75, 95 % quantile of the return, by day
  double loss_probability = kMissing;  ///< share of the paths that end below 0
  double fall_median = kMissing;       ///< of each path's deepest fall: half of them are no deeper
  double fall_high = kMissing;         ///< nineteen of twenty are no deeper
};

/// Puts paths of `sessions` together from blocks of the series (see BlockPlaces). Nothing (draws 0) for fewer
/// than 20 returns. What such paths cannot know: a mean that was luck is repeated in them, and so is the
/// absence of days worse than any in the series. Deterministic for a seed. Errors: kInvalidArgument for fewer
/// than 1 session, and as check_bootstrap. Source: Politis and Romano (1994).
OutcomePaths bootstrap_outcomes(std::span<const double> returns, int sessions,
                                const BlockBootstrapOptions& options);

}  // namespace orrery
