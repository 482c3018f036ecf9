#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::abs_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) { return graph.absolute(call[0]); }

}  // namespace

void add_to(Registry& registry) {
  registry.add("Abs", {{.name = "Abs",
                        .summary = "Absolute value",
                        .arguments = {value_argument()},
                        .missing = "missing where an argument is",
                        .warm_up = "none",
                        .source = "qlib 0.9.7, qlib.data.ops.Abs",
                        .example = {.expression = "Abs($a)",
                                    .fields = {{"a", {1.0, -2.5, kMissing, 0.0}}},
                                    .expected = {1.0, 2.5, kMissing, 0.0}}},
                       lower});
}

}  // namespace orrery::plugins::operators::abs_plugin
