#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::and_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) { return graph.both(call[0], call[1]); }

}  // namespace

void add_to(Registry& registry) {
  registry.add("And", {{.name = "And",
                        .summary = "1 where both conditions hold, else 0; also written left & right",
                        .arguments = {condition_argument("left"), condition_argument("right")},
                        .missing = "conditions are never missing",
                        .warm_up = "none",
                        .source = "qlib 0.9.7, qlib.data.ops.And",
                        .example = {.expression = "($a > 1) & ($b > 1)",
                                    .fields = {{"a", {1.0, 2.0, kMissing, 4.0}}, {"b", {1.0, 3.0, 1.0, 2.0}}},
                                    .expected = {0.0, 1.0, 0.0, 1.0}}},
                       lower});
}

}  // namespace orrery::plugins::operators::and_plugin
