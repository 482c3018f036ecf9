#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_adxr_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "let a = talib:ADX(h, l, c, n); (a + Ref(a, m))/2",
                    {{"h", call[0]},
                     {"l", call[1]},
                     {"c", call[2]},
                     {"n", call[3]},
                     {"m", graph.number(call.number(3) - 1.0)}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:ADXR",
               {{.name = "talib:ADXR",
                 .summary = "Mean of the directional movement index and that of a window before",
                 .arguments = bar_arguments("hlc", {period_argument(14.0)}),
                 .missing = "missing where a window has a missing row",
                 .warm_up = "missing until its windows are full",
                 .source = "TA-Lib 0.6 (C), TA_ADXR",
                 .example = {.expression = "talib:ADXR($h, $l, $c, 2)",
                             .fields = {{"h", {2.0, 3.0, 4.0, 6.0, 6.0, 7.0}},
                                        {"l", {1.0, 2.0, 3.0, 4.0, 5.0, 4.0}},
                                        {"c", {1.5, 2.5, 3.5, 4.5, 5.5, 6.0}}},
                             .expected = {kMissing, kMissing, kMissing, kMissing, 100.0, 100.0}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_adxr_plugin
