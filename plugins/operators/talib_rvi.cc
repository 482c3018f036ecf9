#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_rvi_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph,
                    "let d = x - Ref(x, 1); let s = talib:STDDEV(x, m); let u = talib:RMA(If(d > 0, s, 0*s), "
                    "n); let t = u + talib:RMA(If(d < 0, s, 0*s), n); If(t == 0, 50 + 0*t, 100*(u/t))",
                    {{"x", call[0]}, {"n", call[1]}, {"m", call[2]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:RVI",
      {{.name = "talib:RVI",
        .summary = "Relative volatility: Wilder's mean of the deviations on days that rise over that of all "
                   "that move, from 0 to 100; 50 where none moves",
        .arguments = {series_argument(), period_argument(14.0), period_argument(10.0, 2.0, "stddevperiod")},
        .missing = "missing where a window has a missing row",
        .warm_up = "missing until its windows are full",
        .source = "TA-Lib 0.8 (C), TA_RVI",
        .example = {.expression = "talib:RVI($a, 2, 2)",
                    .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                    .expected = {kMissing, kMissing, 100.0, 71.42857142857143, 91.30434782608695,
                                 67.74193548387096}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_rvi_plugin
