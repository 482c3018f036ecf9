#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::power_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.arithmetic(Arithmetic::kPower, call[0], call[1]);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Power",
               {{.name = "Power",
                 .summary = "Left raised to the power of right; also written left ** right",
                 .arguments = {value_argument("left"), value_argument("right")},
                 .missing = "missing where an argument is, but 1 for the power 0",
                 .warm_up = "none",
                 .source = "qlib 0.9.7, qlib.data.ops.Power",
                 .example = {.expression = "Power($a, 2)",
                             .fields = {{"a", {1.0, 2.0, kMissing, 8.0}}, {"b", {4.0, -2.0, 1.0, 0.5}}},
                             .expected = {1.0, 4.0, kMissing, 64.0}}},
                lower});
}

}  // namespace orrery::plugins::operators::power_plugin
