#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_zlema_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int lag = (call.rows(1) - 1) / 2;
  return lower_text(graph, lag == 0 ? "talib:EMA(x, n)" : "talib:EMA(2*x - Ref(x, k), n)",
                    {{"x", call[0]}, {"n", call[1]}, {"k", graph.number(lag)}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:ZLEMA", {{.name = "talib:ZLEMA",
                                .summary = "Exponential mean of the value and what it has gained over half a "
                                           "window, which takes out the lag",
                                .arguments = {series_argument(), period_argument(30.0)},
                                .missing = "missing where a window has a missing row",
                                .warm_up = "missing until its windows are full",
                                .source = "TA-Lib 0.8 (C), TA_ZLEMA",
                                .example = {.expression = "talib:ZLEMA($a, 3)",
                                            .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                                            .expected = {kMissing, kMissing, kMissing, 5.666666666666667,
                                                         9.333333333333334, 8.166666666666668}}},
                               lower});
}

}  // namespace orrery::plugins::operators::talib_zlema_plugin
