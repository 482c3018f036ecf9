#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::if_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.select(call[0], call[1], call[2]);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "If",
      {{.name = "If",
        .summary = "The second value where the condition holds, else the third",
        .arguments = {{.name = "condition",
                       .kind = ArgumentKind::kValue,
                       .summary = "a condition; a number holds unless it is zero"},
                      {.name = "yes", .kind = ArgumentKind::kValue, .summary = "value where it holds"},
                      {.name = "no", .kind = ArgumentKind::kValue, .summary = "value where it does not"}},
        .missing = "of the value that is taken; a missing number as condition holds",
        .warm_up = "none",
        .source = "qlib 0.9.7, qlib.data.ops.If",
        .example = {.expression = "If($a > $b, $a, 0 - $b)",
                    .fields = {{"a", {1.0, 2.0, kMissing, 4.0}}, {"b", {1.0, 3.0, 1.0, 2.0}}},
                    .expected = {-1.0, -3.0, -1.0, 4.0}}},
       lower});
}

}  // namespace orrery::plugins::operators::if_plugin
