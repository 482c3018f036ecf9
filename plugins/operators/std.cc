#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::std_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.rolling_deviation(call[0], call.rows(1));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "Std",
      {{.name = "Std",
        .summary = "Standard deviation of the window, with n - 1",
        .arguments = {series_argument(), window_argument(1)},
        .missing = "missing values are left out of the window; fewer than two left: missing",
        .warm_up = "the first rows use the part of the window that there is",
        .source = "qlib 0.9.7, qlib.data.ops.Std",
        .example = {.expression = "Std($a, 3)",
                    .fields = {{"a", {3.0, 1.0, 2.0, kMissing, 10.0}}},
                    .expected = {kMissing, 1.4142135623730951, 1.0, 0.7071067811865476, 5.656854249492381}},
        .aliases = {"StdDev"}},
       lower});
}

}  // namespace orrery::plugins::operators::std_plugin
