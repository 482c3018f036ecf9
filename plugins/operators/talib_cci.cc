#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_cci_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph,
                    "let p = (h+l+c)/3; let d = Mad(p, n); let r = If(d > 0, (p - Mean(p, n))/(0.015*d), 0); "
                    "If(Count(p, n) == n, r, 0/0)",
                    {{"h", call[0]}, {"l", call[1]}, {"c", call[2]}, {"n", call[3]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:CCI",
               {{.name = "talib:CCI",
                 .summary = "Commodity channel index: the distance of the typical price from its mean, over "
                            "0.015 times its mean absolute deviation",
                 .arguments = bar_arguments("hlc", {period_argument(14.0)}),
                 .missing = "missing where a window has a missing row",
                 .warm_up = "missing until its windows are full",
                 .source = "TA-Lib 0.6 (C), TA_CCI",
                 .example = {.expression = "talib:CCI($h, $l, $c, 3)",
                             .fields = {{"h", {2.0, 4.0, 5.0, 7.0, 8.0}},
                                        {"l", {1.0, 2.0, 3.0, 5.0, 5.0}},
                                        {"c", {1.5, 3.0, 4.0, 6.0, 6.0}}},
                             .expected = {kMissing, kMissing, 87.5, 100.00000000000004, 61.538461538461554}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_cci_plugin
