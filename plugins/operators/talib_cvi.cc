#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_cvi_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph,
                    "let e = talib:EMA(h - l, n); let p = Ref(e, m); If(p == 0, 0*(e + p), 100*((e - p)/p))",
                    {{"h", call[0]}, {"l", call[1]}, {"n", call[2]}, {"m", call[3]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:CVI",
      {{.name = "talib:CVI",
        .summary = "Volatility of Chaikin: change of the exponential mean of the ranges, in per cent",
        .arguments = bar_arguments("hl", {period_argument(10.0), period_argument(10.0, 1.0, "rocperiod")}),
        .missing = "missing where a window has a missing row",
        .warm_up = "missing until its windows are full",
        .source = "TA-Lib 0.8 (C), TA_CVI",
        .example = {.expression = "talib:CVI($h, $l, 2, 2)",
                    .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}}, {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}}},
                    .expected = {kMissing, kMissing, kMissing, 26.66666666666666, 6.3492063492063515,
                                 2.339181286549718}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_cvi_plugin
