#pragma once

#include <cstdint>
#include <vector>

#include "orrery/factor/session_row.h"
#include "orrery/market/factor_frame.h"

namespace orrery {

/// How much of a factor is the same some sessions later.
struct FactorPersistence {
  std::vector<double> turnover;  ///< by group: mean share of its names that were not in it before
  double autocorrelation = Panel::missing();  ///< mean correlation of the ranks of both days, common names
};

/// Compares each judged day with the one `sessions` rows before it. `ranks`: a factor's ranks by day over the
/// rows `rows`, NaN where missing; `groups`: [day × instrument], kNoQuantile where there is none. Days
/// without groups, or with fewer than `minimum_names` common names, are left out. The same as alphalens'
/// quantile_turnover and factor_rank_autocorrelation, averaged.
FactorPersistence measure_persistence(const FloatPanel& ranks, RowRange rows, const MaskPanel& groups,
                                      int quantiles, int sessions, int minimum_names);

}  // namespace orrery
