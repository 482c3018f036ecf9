#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/full_windows.h"

namespace orrery::plugins::operators::talib_medprice_plugin {
namespace {

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  Operand sum = call[0];
  sum = graph.arithmetic(Arithmetic::kAdd, sum, call[1]);
  return graph.arithmetic(Arithmetic::kDivide, sum, graph.number(2.0));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:MEDPRICE",
               {{.name = "talib:MEDPRICE",
                 .summary = "Mean of high and low",
                 .arguments = {series_argument("high", "high prices"), series_argument("low", "low prices")},
                 .missing = "missing where an input is",
                 .warm_up = "none",
                 .source = "TA-Lib 0.6 (C), TA_MEDPRICE",
                 .example = {.expression = "talib:MEDPRICE($h, $l)",
                             .fields = {{"h", {2.0, 3.0}}, {"l", {1.0, 2.0}}},
                             .expected = {1.5, 2.5}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_medprice_plugin
