#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::sqrt_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  // The power 0.5 of minus infinity is infinite by IEEE 754, its root is none.
  const Operand negative = graph.compare(Comparison::kLess, call[0], graph.number(0.0));
  const Operand root = graph.arithmetic(Arithmetic::kPower, call[0], graph.number(0.5));
  return graph.select(negative, graph.number(kMissing), root);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Sqrt", {{.name = "Sqrt",
                         .summary = "The square root",
                         .arguments = {series_argument()},
                         .missing = "missing stays missing; missing for negative values",
                         .warm_up = "none",
                         .source = "the common definition",
                         .example = {.expression = "Sqrt($a)",
                                     .fields = {{"a", {4.0, 2.0, kMissing, -1.0}}},
                                     .expected = {2.0, 1.4142135623730951, kMissing, kMissing}}},
                        lower});
}

}  // namespace orrery::plugins::operators::sqrt_plugin
