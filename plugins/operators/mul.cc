#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::mul_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.arithmetic(Arithmetic::kMultiply, call[0], call[1]);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Mul",
               {{.name = "Mul",
                 .summary = "Product of two values; also written left * right",
                 .arguments = {value_argument("left"), value_argument("right")},
                 .missing = "missing where an argument is",
                 .warm_up = "none",
                 .source = "qlib 0.9.7, qlib.data.ops.Mul",
                 .example = {.expression = "$a * $b",
                             .fields = {{"a", {1.0, 2.0, kMissing, 8.0}}, {"b", {4.0, -2.0, 1.0, 0.5}}},
                             .expected = {4.0, -4.0, kMissing, 4.0}}},
                lower});
}

}  // namespace orrery::plugins::operators::mul_plugin
