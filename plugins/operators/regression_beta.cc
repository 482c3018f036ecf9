#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::regression_beta_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.rolling_beta(call[0], call[1], call.rows(2));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "RegressionBeta",
      {{.name = "RegressionBeta",
        .summary = "Slope of a regression of y on x over the window: of returns on the returns of the "
                   "market, the beta",
        .arguments = {series_argument("y", "what is explained"), series_argument("x", "what explains it"),
                      window_argument(2)},
        .missing = "rows on which either one is missing are left out; fewer than two left, or no variation "
                   "of x: missing",
        .warm_up = "the first rows use the part of the window that there is",
        .source = "ordinary least squares with an intercept",
        .example = {.expression = "RegressionBeta($a, $b, 4)",
                    .fields = {{"a", {1.0, 2.0, kMissing, 4.0, 7.0}}, {"b", {1.0, 2.0, 5.0, 3.0, 4.0}}},
                    .expected = {kMissing, 1.0, 1.0, 1.5, 2.5}}},
       lower});
}

}  // namespace orrery::plugins::operators::regression_beta_plugin
