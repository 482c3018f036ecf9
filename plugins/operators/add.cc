#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::add_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.arithmetic(Arithmetic::kAdd, call[0], call[1]);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Add",
               {{.name = "Add",
                 .summary = "Sum of two values; also written left + right",
                 .arguments = {value_argument("left"), value_argument("right")},
                 .missing = "missing where an argument is",
                 .warm_up = "none",
                 .source = "qlib 0.9.7, qlib.data.ops.Add",
                 .example = {.expression = "$a + $b",
                             .fields = {{"a", {1.0, 2.0, kMissing, 8.0}}, {"b", {4.0, -2.0, 1.0, 0.5}}},
                             .expected = {5.0, 0.0, kMissing, 8.5}}},
                lower});
}

}  // namespace orrery::plugins::operators::add_plugin
