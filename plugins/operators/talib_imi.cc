#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_imi_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph,
                    "let d = c - o; let g = talib:SUM(If(d > 0, d, 0*d), n); let t = talib:SUM(Abs(d), n); "
                    "If(t == 0, 50 + 0*t, 100*(g/t))",
                    {{"o", call[0]}, {"c", call[1]}, {"n", call[2]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:IMI",
      {{.name = "talib:IMI",
        .summary = "Intraday momentum: gains from open to close over gains and losses, from 0 to 100; 50 "
                   "where there are none",
        .arguments = bar_arguments("oc", {period_argument(14.0)}),
        .missing = "missing where a window has a missing row",
        .warm_up = "missing until its windows are full",
        .source = "TA-Lib 0.8 (C), TA_IMI",
        .example = {.expression = "talib:IMI($o, $c, 2)",
                    .fields = {{"o", {1.5, 2.0, 3.0, 4.0, 4.5, 5.0}}, {"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0}}},
                    .expected = {kMissing, 100.0, 100.0, 66.66666666666666, 66.66666666666666, 100.0}}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_imi_plugin
