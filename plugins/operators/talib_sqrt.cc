#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_sqrt_plugin {
namespace {

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "Sqrt(x)", {{"x", call[0]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:SQRT",
      {{.name = "talib:SQRT",
        .summary = "The square root",
        .arguments = {series_argument()},
        .missing = "missing where the input is",
        .warm_up = "none",
        .source = "TA-Lib 0.6 (C), TA_SQRT",
        .example = {.expression = "talib:SQRT($a)",
                    .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0}}},
                    .expected = {1.0, 1.4142135623730951, 2.449489742783178, 2.23606797749979, 3.0}}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_sqrt_plugin
