#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::idx_max_plugin {
namespace {

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.rolling_position(Extreme::kMaximum, call[0], call.rows(1));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("IdxMax",
               {{.name = "IdxMax",
                 .summary = "Place of the greatest value in the window, 1 for the oldest row",
                 .arguments = {series_argument(), window_argument(1)},
                 .missing = "a missing value counts as the extreme one, the first of several wins (as in "
                            "numpy.argmax); no value at all: missing",
                 .warm_up = "counted from the first row that there is",
                 .source = "qlib 0.9.7, qlib.data.ops.IdxMax",
                 .example = {.expression = "IdxMax($a, 3)",
                             .fields = {{"a", {3.0, 1.0, 3.0, 2.0, 1.0}}},
                             .expected = {1.0, 1.0, 1.0, 2.0, 1.0}}},
                lower});
}

}  // namespace orrery::plugins::operators::idx_max_plugin
