#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/trigonometry/elementary.h"

namespace orrery::plugins::operators::talib_tan_plugin {
namespace {

constexpr char kKernel[] = "talib_tan";

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_function<tangent, kKernel>(graph, call);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:TAN",
      {{.name = "talib:TAN",
        .summary = "Tangent of radians",
        .arguments = {series_argument()},
        .missing = "missing where the input is, and beyond 2^45 radians",
        .warm_up = "none",
        .source = "TA-Lib 0.8 (C), TA_TAN",
        .example = {.expression = "talib:TAN($x)",
                    .fields = {{"x", {-0.5, 0.0, 0.25, 1.0}}},
                    .expected = {-0.5463024898437905, 0.0, 0.25534192122103627, 1.5574077246549023}}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_tan_plugin
