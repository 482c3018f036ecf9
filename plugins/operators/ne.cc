#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::ne_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.compare(Comparison::kNotEqual, call[0], call[1]);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Ne", {{.name = "Ne",
                       .summary = "1 where left is different from right, else 0; also written left != right",
                       .arguments = {value_argument("left"), value_argument("right")},
                       .missing = "a comparison with a missing value is false (but not equal is true)",
                       .warm_up = "none",
                       .source = "qlib 0.9.7, qlib.data.ops.Ne",
                       .example = {.expression = "$a != $b",
                                   .fields = {{"a", {1.0, 2.0, kMissing, 4.0}}, {"b", {1.0, 3.0, 1.0, 2.0}}},
                                   .expected = {0.0, 1.0, 1.0, 1.0}}},
                      lower});
}

}  // namespace orrery::plugins::operators::ne_plugin
