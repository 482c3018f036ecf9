#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::resi_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.rolling_residual(call[0], call.rows(1));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Resi",
               {{.name = "Resi",
                 .summary = "Distance of the latest value from the regression on the rows",
                 .arguments = {series_argument(), window_argument(1)},
                 .missing = "rows with missing values are left out; fewer than two left: missing; missing "
                            "where the latest value is",
                 .warm_up = "the first rows use the part of the window that there is",
                 .source = "qlib 0.9.7, qlib.data.ops.Resi",
                 .example = {.expression = "Resi($a, 3)",
                             .fields = {{"a", {1.0, 3.0, 2.0, 6.0}}},
                             .expected = {kMissing, 0.0, -0.5, 0.8333333333333334}}},
                lower});
}

}  // namespace orrery::plugins::operators::resi_plugin
