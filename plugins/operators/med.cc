#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::med_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.rolling_median(call[0], call.rows(1));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Med", {{.name = "Med",
                        .summary = "Median of the window",
                        .arguments = {series_argument(), window_argument(1)},
                        .missing = "missing values are left out of the window; none left: missing",
                        .warm_up = "the first rows use the part of the window that there is",
                        .source = "qlib 0.9.7, qlib.data.ops.Med",
                        .example = {.expression = "Med($a, 3)",
                                    .fields = {{"a", {3.0, 1.0, 2.0, kMissing, 7.0}}},
                                    .expected = {3.0, 2.0, 2.0, 1.5, 4.5}},
                        .aliases = {"TsMedian"}},
                       lower});
}

}  // namespace orrery::plugins::operators::med_plugin
