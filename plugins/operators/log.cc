#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::log_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) { return graph.logarithm(call[0]); }

}  // namespace

void add_to(Registry& registry) {
  registry.add("Log", {{.name = "Log",
                        .summary = "Natural logarithm; minus infinity for zero, missing for negative values",
                        .arguments = {value_argument()},
                        .missing = "missing where an argument is",
                        .warm_up = "none",
                        .source = "qlib 0.9.7, qlib.data.ops.Log",
                        .example = {.expression = "Log($a)",
                                    .fields = {{"a", {1.0, 2.718281828459045, kMissing, -1.0}}},
                                    .expected = {0.0, 1.0, kMissing, kMissing}}},
                       lower});
}

}  // namespace orrery::plugins::operators::log_plugin
