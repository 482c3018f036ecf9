#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/full_windows.h"

namespace orrery::plugins::operators::talib_avgprice_plugin {
namespace {

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  Operand sum = call[0];
  sum = graph.arithmetic(Arithmetic::kAdd, sum, call[1]);
  sum = graph.arithmetic(Arithmetic::kAdd, sum, call[2]);
  sum = graph.arithmetic(Arithmetic::kAdd, sum, call[3]);
  return graph.arithmetic(Arithmetic::kDivide, sum, graph.number(4.0));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:AVGPRICE",
      {{.name = "talib:AVGPRICE",
        .summary = "Mean of open, high, low and close",
        .arguments = {series_argument("open", "open prices"), series_argument("high", "high prices"),
                      series_argument("low", "low prices"), series_argument("close", "close prices")},
        .missing = "missing where an input is",
        .warm_up = "none",
        .source = "TA-Lib 0.6 (C), TA_AVGPRICE",
        .example = {.expression = "talib:AVGPRICE($o, $h, $l, $c)",
                    .fields = {{"o", {2.0, 3.0}}, {"h", {1.0, 2.0}}, {"l", {1.5, 4.0}}, {"c", {3.0, 1.0}}},
                    .expected = {1.875, 2.5}}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_avgprice_plugin
