#include <algorithm>
#include <array>
#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_ultosc_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  std::array<double, 3> periods = {call.number(3), call.number(4), call.number(5)};
  std::sort(periods.begin(), periods.end());
  return lower_text(
      graph,
      "let p = Ref(c, 1); let b = c - Less(l, p); let t = Greater(h, p) - Less(l, p); let x = "
      "talib:SMA(t, i); let y = talib:SMA(t, j); let z = talib:SMA(t, k); (4*If(x == 0, 0*x, "
      "talib:SMA(b, i)/x) + 2*If(y == 0, 0*y, talib:SMA(b, j)/y) + If(z == 0, 0*z, talib:SMA(b, "
      "k)/z))*100/7",
      {{"h", call[0]},
       {"l", call[1]},
       {"c", call[2]},
       {"i", graph.number(periods[0])},
       {"j", graph.number(periods[1])},
       {"k", graph.number(periods[2])}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:ULTOSC",
      {{.name = "talib:ULTOSC",
        .summary =
            "Ultimate oscillator: buying pressure over true range in three windows, weighted 4, 2 and 1",
        .arguments = bar_arguments(
            "hlc", {period_argument(7.0, 1.0, "timeperiod1"), period_argument(14.0, 1.0, "timeperiod2"),
                    period_argument(28.0, 1.0, "timeperiod3")}),
        .missing = "missing where a window has a missing row",
        .warm_up = "missing until its windows are full",
        .source = "TA-Lib 0.6 (C), TA_ULTOSC",
        .example = {.expression = "talib:ULTOSC($h, $l, $c, 2, 2, 3)",
                    .fields = {{"h", {2.0, 4.0, 5.0, 7.0, 8.0}},
                               {"l", {1.0, 2.0, 3.0, 5.0, 5.0}},
                               {"c", {1.5, 3.0, 4.0, 6.0, 6.0}}},
                    .expected = {kMissing, kMissing, kMissing, 59.999999999999986, 50.0}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_ultosc_plugin
