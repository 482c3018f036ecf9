#pragma once

#include "orrery/factor/operator_call.h"

namespace orrery::plugins::operators {

/// On which row the smallest (output 0) or greatest value (output 1) of a full window stands, counted from 0
/// at the instrument's first row. Of equal values TA-Lib keeps the newest that came in while it knew the
/// extreme, but the oldest when it has to search the window again; so does this.
Operand extreme_row(GraphBuilder& graph, const Operand& value, int window, int output);

}  // namespace orrery::plugins::operators
