#pragma once

#include <limits>
#include <vector>

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

}  // namespace orrery
