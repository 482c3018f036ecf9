#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::decay_linear_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.rolling_decay(call[0], call.rows(1));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("DecayLinear",
               {{.name = "DecayLinear",
                 .summary = "Mean of the window with weights that fall linearly, from its length for the "
                            "latest row to 1 for its oldest",
                 .arguments = {series_argument(), window_argument(1)},
                 .missing = "missing values are left out with their weights; none left: missing",
                 .warm_up = "the first rows use the part of the window that there is",
                 .source = "Kakushadze (2016), \"101 Formulaic Alphas\", decay_linear(x, d)",
                 .example = {.expression = "DecayLinear($a, 3)",
                             .fields = {{"a", {3.0, 1.0, kMissing, 2.0, 6.0}}},
                             .expected = {3.0, 1.8, 1.6666666666666667, 1.75, 4.4}}},
                lower});
}

}  // namespace orrery::plugins::operators::decay_linear_plugin
