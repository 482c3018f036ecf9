#pragma once

#include <cstddef>
#include <span>

#include "orrery/portfolio/portfolio_problem.h"

namespace orrery {

/// Whether names move together more than they used to, or more when it matters. Mean correlations of all
/// pairs of held names; NaN for fewer than two names or periods, or names that don't move.
struct CorrelationChange {
  std::size_t recent_periods = 0;
  std::size_t tail_periods = 0;  ///< in each of the two tails
  double history = 0.0;          ///< of all periods before the recent ones
  double recent = 0.0;
  double down = 0.0;  ///< of the periods in which the whole did worst
  double up = 0.0;    ///< of as many in which it did best
};

/// `whole` is what decides good and bad periods: the portfolio's or a market's return. Picking periods by it
/// changes correlations by itself (Boyer, Gibson & Loretan 1997), of normal returns alike in both tails; what
/// `down` has over `up` is what breaks down (Longin & Solnik 2001; Ang & Chen 2002). Equal returns are
/// taken in order. Errors: kInvalidArgument for lengths that differ, no name, a tail share outside (0, 0.5].
CorrelationChange measure_correlation_change(const ReturnTable& returns, std::span<const std::size_t> names,
                                             std::span<const double> whole, std::size_t recent_periods,
                                             double tail_share);

}  // namespace orrery
