#pragma once

#include "orrery/factor/operator_call.h"

namespace orrery::plugins::operators {

/// What TA-Lib makes of hikkake setups (100 or -100, else 0): the setup itself, and 200 or -200 on the first
/// of the three candles after it that closes beyond the candle before the setup. A new setup replaces the old
/// one. `call`: open, high, low, close; `lookback`: candles before the first answer.
Operand confirmed_hikkake(GraphBuilder& graph, const OperatorCall& call, const Operand& setup, int lookback);

}  // namespace orrery::plugins::operators
