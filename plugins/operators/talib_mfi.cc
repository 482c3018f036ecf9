#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_mfi_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  // A change of the typical price by rounding alone is none.
  return lower_text(graph,
                    "let p = (h+l+c)/3; let d = Delta(p, 1); let e = 1e-14*Abs(p); let m = p*v; let up = "
                    "Sum(If(d > e, m, 0), n); let down = Sum(If(d < -1*e, m, 0), n); If(Count(d*m, n) == n, "
                    "If(up+down < 1, 0, 100*up/(up+down)), 0/0)",
                    {{"h", call[0]}, {"l", call[1]}, {"c", call[2]}, {"v", call[3]}, {"n", call[4]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:MFI",
      {{.name = "talib:MFI",
        .summary = "Money flow index: 100 times the share of dollar volume on bars whose typical price rose",
        .arguments = bar_arguments("hlc", {series_argument("volume", "the volume"), period_argument(14.0)}),
        .missing = "missing where a window has a missing row",
        .warm_up = "missing until its windows are full",
        .source = "TA-Lib 0.6 (C), TA_MFI",
        .example = {.expression = "talib:MFI($h, $l, $c, $v, 2)",
                    .fields = {{"h", {2.0, 4.0, 5.0, 7.0, 8.0}},
                               {"l", {1.0, 2.0, 3.0, 5.0, 5.0}},
                               {"c", {1.5, 3.0, 4.0, 6.0, 6.0}},
                               {"v", {10.0, 20.0, 30.0, 40.0, 50.0}}},
                    .expected = {kMissing, kMissing, 100.0, 100.0, 100.0}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_mfi_plugin
