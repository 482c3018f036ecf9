#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::exp_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  constexpr double kE = 2.71828182845904523536;
  return graph.arithmetic(Arithmetic::kPower, graph.number(kE), call[0]);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Exp", {{.name = "Exp",
                        .summary = "e to the power of the value",
                        .arguments = {series_argument()},
                        .missing = "missing stays missing",
                        .warm_up = "none",
                        .source = "the common definition",
                        .example = {.expression = "Exp($a)",
                                    .fields = {{"a", {0.0, 1.0, kMissing, -2.0}}},
                                    .expected = {1.0, 2.718281828459045, kMissing, 0.1353352832366127}}},
                       lower});
}

}  // namespace orrery::plugins::operators::exp_plugin
