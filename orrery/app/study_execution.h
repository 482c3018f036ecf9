#pragma once

#include "orrery/backtest/backtest.h"
#include "orrery/base/config.h"

namespace orrery {

/// Reads how a study's orders are traded: the keys `order` and `slices` of its `execution` section.
void read_orders(ConfigReader& execution, BacktestConfig& config);

}  // namespace orrery
