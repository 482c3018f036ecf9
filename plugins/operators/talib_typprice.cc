#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/full_windows.h"

namespace orrery::plugins::operators::talib_typprice_plugin {
namespace {

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  Operand sum = call[0];
  sum = graph.arithmetic(Arithmetic::kAdd, sum, call[1]);
  sum = graph.arithmetic(Arithmetic::kAdd, sum, call[2]);
  return graph.arithmetic(Arithmetic::kDivide, sum, graph.number(3.0));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:TYPPRICE",
               {{.name = "talib:TYPPRICE",
                 .summary = "Mean of high, low and close",
                 .arguments = {series_argument("high", "high prices"), series_argument("low", "low prices"),
                               series_argument("close", "close prices")},
                 .missing = "missing where an input is",
                 .warm_up = "none",
                 .source = "TA-Lib 0.6 (C), TA_TYPPRICE",
                 .example = {.expression = "talib:TYPPRICE($h, $l, $c)",
                             .fields = {{"h", {2.0, 3.0}}, {"l", {1.0, 2.0}}, {"c", {1.5, 4.0}}},
                             .expected = {1.5, 3.0}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_typprice_plugin
