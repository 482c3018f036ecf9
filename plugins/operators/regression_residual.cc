#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::regression_residual_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.rolling_beta_residual(call[0], call[1], call.rows(2));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "RegressionResidual",
      {{.name = "RegressionResidual",
        .summary = "What a regression of y on x over the window leaves of the latest y",
        .arguments = {series_argument("y", "what is explained"), series_argument("x", "what explains it"),
                      window_argument(2)},
        .missing = "rows on which either one is missing are left out; fewer than two left, or no variation "
                   "of x: missing; missing where the row itself lacks one",
        .warm_up = "the first rows use the part of the window that there is",
        .source = "ordinary least squares with an intercept",
        .example = {.expression = "RegressionResidual($a, $b, 4)",
                    .fields = {{"a", {1.0, 2.0, kMissing, 4.0, 7.0}}, {"b", {1.0, 2.0, 5.0, 3.0, 4.0}}},
                    .expected = {kMissing, 0.0, kMissing, 0.16666666666666666, 0.16666666666666666}}},
       lower});
}

}  // namespace orrery::plugins::operators::regression_residual_plugin
