#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/full_windows.h"

namespace orrery::plugins::operators::talib_rocp_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const Operand before = graph.shift(call[0], call.rows(1));
  return graph.arithmetic(Arithmetic::kDivide, graph.arithmetic(Arithmetic::kSubtract, call[0], before),
                          before);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:ROCP", {{.name = "talib:ROCP",
                               .summary = "Change over some rows as a share",
                               .arguments = {series_argument(), lag_period_argument(10.0)},
                               .missing = "missing where either row is",
                               .warm_up = "missing for the first `timeperiod` rows",
                               .source = "TA-Lib 0.6 (C), TA_ROCP",
                               .example = {.expression = "talib:ROCP($a, 2)",
                                           .fields = {{"a", {1.0, 2.0, 6.0, 5.0}}},
                                           .expected = {kMissing, kMissing, 5.0, 1.5}}},
                              lower});
}

}  // namespace orrery::plugins::operators::talib_rocp_plugin
