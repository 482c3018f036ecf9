#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::count_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.rolling_count(call[0], call.rows(1));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Count", {{.name = "Count",
                          .summary = "Number of values in the window",
                          .arguments = {series_argument(), window_argument(1)},
                          .missing = "missing values are not counted",
                          .warm_up = "the first rows use the part of the window that there is",
                          .source = "qlib 0.9.7, qlib.data.ops.Count",
                          .example = {.expression = "Count($a, 3)",
                                      .fields = {{"a", {3.0, 1.0, kMissing, 2.0, 6.0}}},
                                      .expected = {1.0, 2.0, 2.0, 2.0, 2.0}}},
                         lower});
}

}  // namespace orrery::plugins::operators::count_plugin
