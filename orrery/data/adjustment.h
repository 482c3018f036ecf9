#pragma once

#include <span>
#include <vector>

#include "orrery/data/corporate_actions.h"
#include "orrery/data/prices.h"

namespace orrery {

/// Returns by bar what one instrument's raw prices are multiplied with. `close` as it came; `adj_close` is
/// empty where the source has none. The first bar of all forward chains has 1.
/// Source: kForward, the multiplier of CRSP and Yahoo; kTotalReturn, CRSP's holding period return with
/// dividends, (close × split + dividend) / close before.
std::vector<double> price_multiplier(Adjustment adjustment, const ActionSeries& actions,
                                     std::span<const double> close, std::span<const double> adj_close);

}  // namespace orrery
