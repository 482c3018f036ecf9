#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::rsquare_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.rolling_r_square(call[0], call.rows(1), 2e-5);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Rsquare",
               {{.name = "Rsquare",
                 .summary = "Share of the variance that the regression on the rows explains; missing where "
                            "the deviation is at most 2e-5",
                 .arguments = {series_argument(), window_argument(1)},
                 .missing = "rows with missing values are left out; fewer than two left: missing",
                 .warm_up = "the first rows use the part of the window that there is",
                 .source = "qlib 0.9.7, qlib.data.ops.Rsquare",
                 .example = {.expression = "Rsquare($a, 3)",
                             .fields = {{"a", {1.0, 3.0, 2.0, 6.0}}},
                             .expected = {kMissing, 1.0, 0.25, 0.5192307692307693}}},
                lower});
}

}  // namespace orrery::plugins::operators::rsquare_plugin
