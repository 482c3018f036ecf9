#pragma once

#include <cstddef>
#include <limits>
#include <span>

namespace orrery {

/// How often something with probability `chance` happens in `trials` independent tries, as shares: the
/// smallest and the largest share that are not among the rarest (1 - confidence)/2 on their side. The same as
/// scipy.stats.binom.interval, over `trials`. Errors: kInvalidArgument for a chance or confidence outside
/// (0, 1).
struct ShareBounds {
  double lower = std::numeric_limits<double>::quiet_NaN();
  double upper = std::numeric_limits<double>::quiet_NaN();
};
ShareBounds binomial_bounds(double chance, std::size_t trials, double confidence);

/// Whether intervals hold what comes as often as they promise.
struct CoverageCheck {
  double promised = 0.9;
  double seen = std::numeric_limits<double>::quiet_NaN();  ///< mean of the sessions' shares
  std::size_t sessions = 0;
};

/// `daily`: share of each session's intervals that held; NaN days are left out. A session counts as one try
/// when `seen` is held against `binomial_bounds`, as names move together within one.
CoverageCheck check_coverage(double promised, std::span<const double> daily);

}  // namespace orrery
