#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::or_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) { return graph.either(call[0], call[1]); }

}  // namespace

void add_to(Registry& registry) {
  registry.add("Or", {{.name = "Or",
                       .summary = "1 where at least one condition holds, else 0; also written left | right",
                       .arguments = {condition_argument("left"), condition_argument("right")},
                       .missing = "conditions are never missing",
                       .warm_up = "none",
                       .source = "qlib 0.9.7, qlib.data.ops.Or",
                       .example = {.expression = "($a > 3) | ($b > 2)",
                                   .fields = {{"a", {1.0, 2.0, kMissing, 4.0}}, {"b", {1.0, 3.0, 1.0, 2.0}}},
                                   .expected = {0.0, 1.0, 0.0, 1.0}}},
                      lower});
}

}  // namespace orrery::plugins::operators::or_plugin
