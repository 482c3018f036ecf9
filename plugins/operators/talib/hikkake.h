#pragma once

#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators {

/// The candle leaves the range of the one before on one side alone.
LaneMask steps_down(const auto& at) { return (at.high(0) < at.high(1)) & (at.low(0) < at.low(1)); }
LaneMask steps_up(const auto& at) { return (at.high(0) > at.high(1)) & (at.low(0) > at.low(1)); }

/// What TA-Lib makes of hikkake setups (100 or -100, else 0): the setup itself, and 200 or -200 on the first
/// of the three candles after it that closes beyond the candle before the setup. A new setup replaces the old
/// one. `call`: open, high, low, close; `lookback`: candles before the first answer.
Operand confirmed_hikkake(GraphBuilder& graph, const OperatorCall& call, const Operand& setup, int lookback);

/// Lowers a pattern whose signal is the setup alone. As in TA-Lib, a setup counts from three candles before
/// the first answer on.
template <class Pattern>
Operand lower_hikkake(GraphBuilder& graph, const OperatorCall& call) {
  return confirmed_hikkake(graph, call, signal_after<Pattern>(graph, call, Pattern::kLookback - 3),
                           Pattern::kLookback);
}

}  // namespace orrery::plugins::operators
