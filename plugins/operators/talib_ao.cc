#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_ao_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "let m = (h + l)/2; talib:SMA(m, f) - talib:SMA(m, s)",
                    {{"h", call[0]}, {"l", call[1]}, {"f", call[2]}, {"s", call[3]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:AO",
      {{.name = "talib:AO",
        .summary = "Awesome oscillator: the fast less the slow mean of the bars' middles",
        .arguments = bar_arguments(
            "hl", {period_argument(5.0, 2.0, "fastperiod"), period_argument(34.0, 2.0, "slowperiod")}),
        .missing = "missing where a window has a missing row",
        .warm_up = "missing until its windows are full",
        .source = "TA-Lib 0.8 (C), TA_AO",
        .example = {.expression = "talib:AO($h, $l, 2, 3)",
                    .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}}, {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}}},
                    .expected = {kMissing, kMissing, 0.5416666666666665, 0.5416666666666665, 0.125,
                                 0.541666666666667}}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_ao_plugin
