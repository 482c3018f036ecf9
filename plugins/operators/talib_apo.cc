#include <algorithm>
#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const bool simple = call.number(3) == 0.0;
  const std::string text = simple ? "talib:SMA(x, f) - talib:SMA(x, s)" : "talib:EMA(x, f) - talib:EMA(x, s)";
  return lower_text(graph, text,
                    {{"x", call[0]},
                     {"f", graph.number(std::min(call.number(1), call.number(2)))},
                     {"s", graph.number(std::max(call.number(1), call.number(2)))}});
}

}  // namespace

void register_operators_talib_apo(Registry& registry) {
  registry.add(
      "talib:APO",
      {{.name = "talib:APO",
        .summary = "Fast less slow moving average",
        .arguments = {series_argument(), period_argument(12.0, 2.0, "fastperiod"),
                      period_argument(26.0, 2.0, "slowperiod"),
                      number_argument("matype", "0: simple averages, 1: exponential ones", 1.0, 0.0, 1.0)},
        .missing = "missing where a window has a missing row",
        .warm_up = "missing until its windows are full",
        .source = "TA-Lib 0.6 (C), TA_APO",
        .example = {.expression = "talib:APO($a, 2, 3)",
                    .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0}}},
                    .expected = {kMissing, kMissing, 1.5, 0.833333333333333, 1.1111111111111107}}},
       lower});
}

}  // namespace orrery::plugins::operators
