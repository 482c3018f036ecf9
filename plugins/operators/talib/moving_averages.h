#pragma once

#include <string>

#include "orrery/factor/graph_builder.h"
#include "orrery/factor/operator.h"

namespace orrery::plugins::operators {

/// TA-Lib's moving average of a type: 0 SMA, 1 EMA, 2 WMA, 3 DEMA, 4 TEMA, 5 TRIMA, 6 KAMA, 7 MAMA, 8 T3, 9
/// HMA, 10 none, 11 the default (SMA), 12 ZLEMA, 13 RMA. A window of one row is the value itself.
Operand moving_average(GraphBuilder& graph, const Operand& value, int window, double type);

/// How many observations such an average needs before the one of its first value.
int moving_average_warm_up(int window, double type);

/// The argument that picks the type.
ArgumentInfo average_argument(std::string name = "matype", double fallback = 0.0);

/// The value without its first `count` observations. Where TA-Lib lets two averages begin on the same row,
/// the one that could begin earlier is seeded later: that is the average of what is left of its series.
Operand without_first(GraphBuilder& graph, const Operand& value, int count);

}  // namespace orrery::plugins::operators
