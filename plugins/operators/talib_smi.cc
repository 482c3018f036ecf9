#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_smi_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  constexpr const char* kTexts[] = {
      "let p = talib:MAX(h, w); let q = talib:MIN(l, w); let a = talib:EMA(talib:EMA(c - (p + q)*0.5, s), "
      "f); let b = 0.5*talib:EMA(talib:EMA(p - q, s), f); let i = If(b > 0, 100*(a/b), 0*(a + b)); i + "
      "0*talib:EMA(i, n)",
      "let p = talib:MAX(h, w); let q = talib:MIN(l, w); let a = talib:EMA(talib:EMA(c - (p + q)*0.5, s), "
      "f); let b = 0.5*talib:EMA(talib:EMA(p - q, s), f); let i = If(b > 0, 100*(a/b), 0*(a + b)); "
      "talib:EMA(i, n)"};
  return lower_text(graph, kTexts[call.output()],
                    {{"h", call[0]},
                     {"l", call[1]},
                     {"c", call[2]},
                     {"w", call[3]},
                     {"f", call[4]},
                     {"s", call[5]},
                     {"n", call[6]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:SMI",
      {{.name = "talib:SMI",
        .summary = "Stochastic momentum of Blau: twice smoothed distance of the close from the middle of the "
                   "range, over half the range so smoothed, from -100 to 100, and its exponential mean",
        .arguments = bar_arguments(
            "hlc", {period_argument(13.0), period_argument(2.0, 2.0, "fastperiod"),
                    period_argument(25.0, 2.0, "slowperiod"), period_argument(9.0, 2.0, "signalperiod")}),
        .missing = "missing where a window has a missing row",
        .warm_up = "missing until its windows are full",
        .source = "TA-Lib 0.8 (C), TA_SMI",
        .example = {.expression = "talib:SMI($h, $l, $c, 2, 2, 2, 2)",
                    .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5, 5.5}},
                               {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0, 3.5}},
                               {"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0, 4.0}}},
                    .expected = {kMissing, kMissing, kMissing, kMissing, 37.5, 14.893617021276597,
                                 -26.666666666666668}},
        .outputs = {"smi", "smisignal"}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_smi_plugin
