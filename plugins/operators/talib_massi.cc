#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_massi_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(
      graph, "let e = talib:EMA(h - l, f); let d = talib:EMA(e, f); talib:SUM(If(d == 0, 1 + 0*d, e/d), s)",
      {{"h", call[0]}, {"l", call[1]}, {"f", call[2]}, {"s", call[3]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:MASSI",
      {{.name = "talib:MASSI",
        .summary = "Mass index: sum over the window of the exponential mean of the ranges over its own "
                   "exponential mean",
        .arguments = bar_arguments(
            "hl", {period_argument(9.0, 2.0, "fastperiod"), period_argument(25.0, 2.0, "slowperiod")}),
        .missing = "missing where a window has a missing row",
        .warm_up = "missing until its windows are full",
        .source = "TA-Lib 0.8 (C), TA_MASSI",
        .example = {.expression = "talib:MASSI($h, $l, 2, 2)",
                    .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}}, {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}}},
                    .expected = {kMissing, kMissing, kMissing, 2.1845238095238093, 2.075751879699248,
                                 2.0301169590643275}}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_massi_plugin
