#pragma once

#include "orrery/backtest/backtest.h"
#include "orrery/execution/engine.h"

namespace orrery {

/// Returns a session's line in the books; `equity_before` is the equity of the session before, or the initial
/// cash.
DailyRow daily_row(const SessionReport& report, Money equity_before);

}  // namespace orrery
