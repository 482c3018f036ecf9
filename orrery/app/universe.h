#pragma once

#include <vector>

#include "orrery/app/study.h"
#include "orrery/market/market_data.h"

namespace orrery {

/// Marks the cells that may be learned from and traded: a bar exists on the session and every rule holds.
/// Look-ahead: none; row t reads rows <= t. `member` may be null: everything belongs.
/// The dollar volume is the mean over the bars of the last 20 sessions.
MaskPanel eligible_cells(const MarketData& market, const UniverseRules& rules, const MaskPanel* member);

/// Returns of the portfolio that holds every name eligible the evening before in equal weight, rebalanced
/// daily without cost: row t is the mean over those names of adjusted close[t] / close[t - 1] - 1. A name
/// without a bar on either day is left out of that day's mean; 0 when none is left. Row 0 is 0. This is the
/// benchmark of a run.
std::vector<double> equal_weight_returns(const MarketData& market, const MaskPanel& eligible);

}  // namespace orrery
