#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_qstick_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "talib:SMA(c - o, n)", {{"o", call[0]}, {"c", call[1]}, {"n", call[2]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:QSTICK",
      {{.name = "talib:QSTICK",
        .summary = "Mean of the bodies of the bars, close less open",
        .arguments = bar_arguments("oc", {period_argument(10.0)}),
        .missing = "missing where a window has a missing row",
        .warm_up = "missing until its windows are full",
        .source = "TA-Lib 0.8 (C), TA_QSTICK",
        .example = {.expression = "talib:QSTICK($o, $c, 2)",
                    .fields = {{"o", {1.5, 2.0, 3.0, 4.0, 4.5, 5.0}}, {"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0}}},
                    .expected = {kMissing, 0.25, 0.75, 0.25, 0.25, 0.5}}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_qstick_plugin
