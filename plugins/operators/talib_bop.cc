#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_bop_plugin {
namespace {

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "If(h-l < 1e-14, 0, (c-o)/(h-l)) + 0*(o+h+l+c)",
                    {{"o", call[0]}, {"h", call[1]}, {"l", call[2]}, {"c", call[3]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:BOP", {{.name = "talib:BOP",
                              .summary = "Balance of power: the body of the bar over its range",
                              .arguments = bar_arguments("ohlc"),
                              .missing = "missing where an input is",
                              .warm_up = "none",
                              .source = "TA-Lib 0.6 (C), TA_BOP",
                              .example = {.expression = "talib:BOP($o, $h, $l, $c)",
                                          .fields = {{"o", {1.0, 3.0, 4.0, 5.0, 7.0}},
                                                     {"h", {2.0, 4.0, 5.0, 7.0, 8.0}},
                                                     {"l", {1.0, 2.0, 3.0, 5.0, 5.0}},
                                                     {"c", {1.5, 3.0, 4.0, 6.0, 6.0}}},
                                          .expected = {0.5, 0.0, 0.0, 0.5, -0.3333333333333333}}},
                             lower});
}

}  // namespace orrery::plugins::operators::talib_bop_plugin
