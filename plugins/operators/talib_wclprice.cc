#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/full_windows.h"

namespace orrery::plugins::operators::talib_wclprice_plugin {
namespace {

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  Operand sum = call[0];
  sum = graph.arithmetic(Arithmetic::kAdd, sum, call[1]);
  sum = graph.arithmetic(Arithmetic::kAdd, sum,
                         graph.arithmetic(Arithmetic::kMultiply, call[2], graph.number(2.0)));
  return graph.arithmetic(Arithmetic::kDivide, sum, graph.number(4.0));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:WCLPRICE",
               {{.name = "talib:WCLPRICE",
                 .summary = "Mean of high, low and twice the close",
                 .arguments = {series_argument("high", "high prices"), series_argument("low", "low prices"),
                               series_argument("close", "close prices")},
                 .missing = "missing where an input is",
                 .warm_up = "none",
                 .source = "TA-Lib 0.6 (C), TA_WCLPRICE",
                 .example = {.expression = "talib:WCLPRICE($h, $l, $c)",
                             .fields = {{"h", {2.0, 3.0}}, {"l", {1.0, 2.0}}, {"c", {1.5, 4.0}}},
                             .expected = {1.5, 3.25}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_wclprice_plugin
