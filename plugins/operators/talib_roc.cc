#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/full_windows.h"

namespace orrery::plugins::operators::talib_roc_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const Operand before = graph.shift(call[0], call.rows(1));
  const Operand change = graph.arithmetic(
      Arithmetic::kSubtract, graph.arithmetic(Arithmetic::kDivide, call[0], before), graph.number(1.0));
  return graph.arithmetic(Arithmetic::kMultiply, change, graph.number(100.0));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:ROC", {{.name = "talib:ROC",
                              .summary = "Change over some rows in per cent",
                              .arguments = {series_argument(), lag_period_argument(10.0)},
                              .missing = "missing where either row is",
                              .warm_up = "missing for the first `timeperiod` rows",
                              .source = "TA-Lib 0.6 (C), TA_ROC",
                              .example = {.expression = "talib:ROC($a, 2)",
                                          .fields = {{"a", {1.0, 2.0, 6.0, 5.0}}},
                                          .expected = {kMissing, kMissing, 500.0, 150.0}}},
                             lower});
}

}  // namespace orrery::plugins::operators::talib_roc_plugin
