#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::signed_power_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const Operand size =
      graph.arithmetic(Arithmetic::kPower, graph.absolute(call[0]), graph.number(call.number(1)));
  return graph.arithmetic(Arithmetic::kMultiply, graph.sign(call[0]), size);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "SignedPower",
      {{.name = "SignedPower",
        .summary = "The power of the absolute value, with the sign of the value",
        .arguments = {series_argument(),
                      {.name = "exponent", .kind = ArgumentKind::kNumber, .summary = "the exponent"}},
        .missing = "missing stays missing",
        .warm_up = "none",
        .source = "Kakushadze (2016), \"101 Formulaic Alphas\", signedpower(x, a)",
        .example = {.expression = "SignedPower($a, 2)",
                    .fields = {{"a", {3.0, -2.0, kMissing, 0.0}}},
                    .expected = {9.0, -4.0, kMissing, 0.0}}},
       lower});
}

}  // namespace orrery::plugins::operators::signed_power_plugin
