#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/full_windows.h"

namespace orrery::plugins::operators::talib_linearreg_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const Operand residual = graph.rolling_residual(call[0], call.rows(1));
  return graph.where_full(call[0], call.rows(1), graph.arithmetic(Arithmetic::kSubtract, call[0], residual));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:LINEARREG", {{.name = "talib:LINEARREG",
                                    .summary = "End of a line through the window",
                                    .arguments = {series_argument(), period_argument(14.0)},
                                    .missing = "missing unless all rows of the window have values",
                                    .warm_up = "missing until the window is full",
                                    .source = "TA-Lib 0.6 (C), TA_LINEARREG",
                                    .example = {.expression = "talib:LINEARREG($a, 3)",
                                                .fields = {{"a", {1.0, 2.0, 6.0, 5.0}}},
                                                .expected = {kMissing, kMissing, 5.5, 5.833333333333333}}},
                                   lower});
}

}  // namespace orrery::plugins::operators::talib_linearreg_plugin
