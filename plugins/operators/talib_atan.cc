#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/trigonometry/elementary.h"

namespace orrery::plugins::operators::talib_atan_plugin {
namespace {

constexpr char kKernel[] = "talib_atan";

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_function<arc_tangent, kKernel>(graph, call);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:ATAN",
      {{.name = "talib:ATAN",
        .summary = "Arc tangent",
        .arguments = {series_argument()},
        .missing = "missing where the input is",
        .warm_up = "none",
        .source = "TA-Lib 0.8 (C), TA_ATAN",
        .example = {.expression = "talib:ATAN($x)",
                    .fields = {{"x", {-0.5, 0.0, 0.25, 1.0}}},
                    .expected = {-0.4636476090008061, 0.0, 0.24497866312686414, 0.7853981633974483}}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_atan_plugin
