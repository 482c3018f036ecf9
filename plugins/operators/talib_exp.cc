#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_exp_plugin {
namespace {

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "Exp(x)", {{"x", call[0]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:EXP", {{.name = "talib:EXP",
                              .summary = "e to the power of the value",
                              .arguments = {series_argument()},
                              .missing = "missing where the input is",
                              .warm_up = "none",
                              .source = "TA-Lib 0.6 (C), TA_EXP",
                              .example = {.expression = "talib:EXP($a)",
                                          .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0}}},
                                          .expected = {2.718281828459045, 7.38905609893065, 403.4287934927351,
                                                       148.4131591025766, 8103.083927575384}}},
                             lower});
}

}  // namespace orrery::plugins::operators::talib_exp_plugin
