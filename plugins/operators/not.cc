#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::not_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) { return graph.negate(call[0]); }

}  // namespace

void add_to(Registry& registry) {
  registry.add("Not", {{.name = "Not",
                        .summary = "1 where the condition does not hold, else 0",
                        .arguments = {condition_argument("condition")},
                        .missing = "conditions are never missing",
                        .warm_up = "none",
                        .source = "qlib 0.9.7, qlib.data.ops.Not",
                        .example = {.expression = "Not($a > 1)",
                                    .fields = {{"a", {1.0, 2.0, kMissing, 4.0}}, {"b", {1.0, 3.0, 1.0, 2.0}}},
                                    .expected = {1.0, 0.0, 1.0, 0.0}}},
                       lower});
}

}  // namespace orrery::plugins::operators::not_plugin
