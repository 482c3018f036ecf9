#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_wma_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "If(Count(x, n) == n, DecayLinear(x, n), 0/0)", {{"x", call[0]}, {"n", call[1]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:WMA", {{.name = "talib:WMA",
                              .summary = "Mean of the window with weights that fall linearly into the past",
                              .arguments = {series_argument(), period_argument(30.0)},
                              .missing = "missing where a window has a missing row",
                              .warm_up = "missing until its windows are full",
                              .source = "TA-Lib 0.6 (C), TA_WMA",
                              .example = {.expression = "talib:WMA($a, 3)",
                                          .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0}}},
                                          .expected = {kMissing, kMissing, 3.8333333333333335,
                                                       4.833333333333333, 7.166666666666667}}},
                             lower});
}

}  // namespace orrery::plugins::operators::talib_wma_plugin
