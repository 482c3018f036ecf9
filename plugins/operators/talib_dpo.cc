#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_dpo_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int lag = call.rows(1) / 2 + 1;
  return lower_text(graph, "Ref(x, k) - talib:SMA(x, n)",
                    {{"x", call[0]}, {"n", call[1]}, {"k", graph.number(lag)}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:DPO",
      {{.name = "talib:DPO",
        .summary = "Detrended price: the value of half a window and one row ago less the mean of the window",
        .arguments = {series_argument(), period_argument(20.0)},
        .missing = "missing where a window has a missing row",
        .warm_up = "missing until its windows are full",
        .source = "TA-Lib 0.8 (C), TA_DPO",
        .example = {.expression = "talib:DPO($a, 3)",
                    .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                    .expected = {kMissing, kMissing, -2.0, -2.333333333333333, -0.666666666666667,
                                 -2.333333333333333}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_dpo_plugin
