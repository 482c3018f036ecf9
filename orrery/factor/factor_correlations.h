#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "orrery/market/factor_frame.h"

namespace orrery {

/// Some factors' ranks, ready to be correlated with those of others.
struct RankedFactors {
  const std::vector<FloatPanel>& ranks;  ///< of the whole market; NaN: missing
  std::size_t first = 0;                 ///< position of the first of them among all factors
};

/// Writes into `correlations` [factor × factor] the mean over the days of `rows` of the rank correlation of
/// each factor of `a` with each of `b`, in both triangles. A missing value counts as the day's mean; days on
/// which either has no spread are left out; NaN without any. The result does not depend on `threads`.
void correlate_factors(const RankedFactors& a, const RankedFactors& b, RowRange rows, int threads,
                       Panel& correlations);

}  // namespace orrery
