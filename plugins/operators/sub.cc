#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::sub_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.arithmetic(Arithmetic::kSubtract, call[0], call[1]);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Sub",
               {{.name = "Sub",
                 .summary = "Difference of two values; also written left - right",
                 .arguments = {value_argument("left"), value_argument("right")},
                 .missing = "missing where an argument is",
                 .warm_up = "none",
                 .source = "qlib 0.9.7, qlib.data.ops.Sub",
                 .example = {.expression = "$a - $b",
                             .fields = {{"a", {1.0, 2.0, kMissing, 8.0}}, {"b", {4.0, -2.0, 1.0, 0.5}}},
                             .expected = {-3.0, 4.0, kMissing, 7.5}}},
                lower});
}

}  // namespace orrery::plugins::operators::sub_plugin
