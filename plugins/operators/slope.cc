#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::slope_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.rolling_slope(call[0], call.rows(1));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Slope", {{.name = "Slope",
                          .summary = "Slope of the regression of the values on their rows 1 to `window`",
                          .arguments = {series_argument(), window_argument(1)},
                          .missing = "rows with missing values are left out; fewer than two left: missing",
                          .warm_up = "the first rows use the part of the window that there is",
                          .source = "qlib 0.9.7, qlib.data.ops.Slope",
                          .example = {.expression = "Slope($a, 3)",
                                      .fields = {{"a", {1.0, 3.0, 2.0, 6.0}}},
                                      .expected = {kMissing, 2.0, 0.5, 1.5}}},
                         lower});
}

}  // namespace orrery::plugins::operators::slope_plugin
