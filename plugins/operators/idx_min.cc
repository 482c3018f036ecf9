#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::idx_min_plugin {
namespace {

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.rolling_position(Extreme::kMinimum, call[0], call.rows(1));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("IdxMin",
               {{.name = "IdxMin",
                 .summary = "Place of the smallest value in the window, 1 for the oldest row",
                 .arguments = {series_argument(), window_argument(1)},
                 .missing = "a missing value counts as the extreme one, the first of several wins (as in "
                            "numpy.argmin); no value at all: missing",
                 .warm_up = "counted from the first row that there is",
                 .source = "qlib 0.9.7, qlib.data.ops.IdxMin",
                 .example = {.expression = "IdxMin($a, 3)",
                             .fields = {{"a", {3.0, 1.0, 3.0, 2.0, 1.0}}},
                             .expected = {1.0, 2.0, 2.0, 1.0, 3.0}}},
                lower});
}

}  // namespace orrery::plugins::operators::idx_min_plugin
