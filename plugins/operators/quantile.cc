#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::quantile_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.rolling_quantile(call[0], call.rows(1), call.number(2));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Quantile", {{.name = "Quantile",
                             .summary = "Quantile of the window, interpolated linearly",
                             .arguments = {series_argument(),
                                           window_argument(1),
                                           {.name = "level",
                                            .kind = ArgumentKind::kNumber,
                                            .summary = "0 for the smallest value to 1 for the greatest",
                                            .minimum = 0,
                                            .maximum = 1}},
                             .missing = "missing values are left out of the window; none left: missing",
                             .warm_up = "the first rows use the part of the window that there is",
                             .source = "qlib 0.9.7, qlib.data.ops.Quantile",
                             .example = {.expression = "Quantile($a, 3, 0.25)",
                                         .fields = {{"a", {3.0, 1.0, kMissing, 2.0, 6.0}}},
                                         .expected = {3.0, 1.5, 1.5, 1.25, 3.0}}},
                            lower});
}

}  // namespace orrery::plugins::operators::quantile_plugin
