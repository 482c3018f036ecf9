#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/full_windows.h"

namespace orrery::plugins::operators::talib_rocr_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const Operand before = graph.shift(call[0], call.rows(1));
  return graph.arithmetic(Arithmetic::kDivide, call[0], before);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:ROCR", {{.name = "talib:ROCR",
                               .summary = "The value over that of some rows ago",
                               .arguments = {series_argument(), lag_period_argument(10.0)},
                               .missing = "missing where either row is",
                               .warm_up = "missing for the first `timeperiod` rows",
                               .source = "TA-Lib 0.6 (C), TA_ROCR",
                               .example = {.expression = "talib:ROCR($a, 2)",
                                           .fields = {{"a", {1.0, 2.0, 6.0, 5.0}}},
                                           .expected = {kMissing, kMissing, 6.0, 2.5}}},
                              lower});
}

}  // namespace orrery::plugins::operators::talib_rocr_plugin
