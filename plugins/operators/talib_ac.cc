#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_ac_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "let a = talib:AO(h, l, f, s); a - talib:SMA(a, n)",
                    {{"h", call[0]}, {"l", call[1]}, {"f", call[2]}, {"s", call[3]}, {"n", call[4]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:AC",
      {{.name = "talib:AC",
        .summary = "Accelerator: the awesome oscillator less its own mean",
        .arguments = bar_arguments(
            "hl", {period_argument(5.0, 2.0, "fastperiod"), period_argument(34.0, 2.0, "slowperiod"),
                   period_argument(5.0, 2.0, "signalperiod")}),
        .missing = "missing where a window has a missing row",
        .warm_up = "missing until its windows are full",
        .source = "TA-Lib 0.8 (C), TA_AC",
        .example = {.expression = "talib:AC($h, $l, 2, 3, 2)",
                    .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}}, {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}}},
                    .expected = {kMissing, kMissing, kMissing, 0.0, -0.20833333333333326,
                                 0.20833333333333348}}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_ac_plugin
