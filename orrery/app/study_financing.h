#pragma once

#include "orrery/backtest/backtest.h"
#include "orrery/base/config.h"

namespace orrery {

/// Reads the study's `financing` section: annual rates of borrowed shares, by symbol too, of cash and of
/// loans.
void read_financing(ConfigReader financing, BacktestConfig& config);

}  // namespace orrery
