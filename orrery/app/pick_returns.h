#pragma once

#include <vector>

#include "orrery/backtest/simulated_exchange.h"
#include "orrery/market/panel.h"
#include "orrery/ml/gain_label.h"
#include "orrery/report/study_report.h"

namespace orrery {

/// What the k highest scores of each day earn when a pick is bought at t + 1 and sold at the first close that
/// reaches the target, else at the last close of the label's span, after the costs of both sides. Picks whose
/// span has no price at the end are left out; among equal scores the first symbol is picked. `entry_price`
/// and `close` are adjusted, [session × instrument], the same shape as `scores`.
std::vector<PickReturn> gain_pick_returns(const Panel& scores, const Panel& entry_price, const Panel& close,
                                          const GainLabel& label, const Costs& costs,
                                          const std::vector<int>& picks);

}  // namespace orrery
