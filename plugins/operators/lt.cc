#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::lt_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.compare(Comparison::kLess, call[0], call[1]);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Lt", {{.name = "Lt",
                       .summary = "1 where left is less than right, else 0; also written left < right",
                       .arguments = {value_argument("left"), value_argument("right")},
                       .missing = "a comparison with a missing value is false",
                       .warm_up = "none",
                       .source = "qlib 0.9.7, qlib.data.ops.Lt",
                       .example = {.expression = "$a < $b",
                                   .fields = {{"a", {1.0, 2.0, kMissing, 4.0}}, {"b", {1.0, 3.0, 1.0, 2.0}}},
                                   .expected = {0.0, 1.0, 0.0, 0.0}}},
                      lower});
}

}  // namespace orrery::plugins::operators::lt_plugin
