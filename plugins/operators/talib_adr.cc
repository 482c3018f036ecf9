#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_adr_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "talib:SMA(h - l, n)", {{"h", call[0]}, {"l", call[1]}, {"n", call[2]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:ADR",
      {{.name = "talib:ADR",
        .summary = "Mean range of the bars",
        .arguments = bar_arguments("hl", {period_argument(14.0)}),
        .missing = "missing where a window has a missing row",
        .warm_up = "missing until its windows are full",
        .source = "TA-Lib 0.8 (C), TA_ADR",
        .example = {.expression = "talib:ADR($h, $l, 2)",
                    .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}}, {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}}},
                    .expected = {kMissing, 1.25, 1.75, 1.75, 1.75, 1.75}}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_adr_plugin
