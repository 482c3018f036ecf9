#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::greater_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.arithmetic(Arithmetic::kMaximum, call[0], call[1]);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Greater",
               {{.name = "Greater",
                 .summary = "The greater of two values",
                 .arguments = {value_argument("left"), value_argument("right")},
                 .missing = "missing where an argument is",
                 .warm_up = "none",
                 .source = "qlib 0.9.7, qlib.data.ops.Greater",
                 .example = {.expression = "Greater($a, $b)",
                             .fields = {{"a", {1.0, 2.0, kMissing, 8.0}}, {"b", {4.0, -2.0, 1.0, 0.5}}},
                             .expected = {4.0, 2.0, kMissing, 8.0}}},
                lower});
}

}  // namespace orrery::plugins::operators::greater_plugin
