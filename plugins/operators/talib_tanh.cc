#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/trigonometry/elementary.h"

namespace orrery::plugins::operators::talib_tanh_plugin {
namespace {

constexpr char kKernel[] = "talib_tanh";

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_function<hyperbolic_tangent, kKernel>(graph, call);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:TANH",
      {{.name = "talib:TANH",
        .summary = "Hyperbolic tangent",
        .arguments = {series_argument()},
        .missing = "missing where the input is",
        .warm_up = "none",
        .source = "TA-Lib 0.8 (C), TA_TANH",
        .example = {.expression = "talib:TANH($x)",
                    .fields = {{"x", {-0.5, 0.0, 0.25, 1.0}}},
                    .expected = {-0.46211715726000974, 0.0, 0.24491866240370913, 0.7615941559557649}}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_tanh_plugin
