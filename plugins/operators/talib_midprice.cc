#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_midprice_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "(talib:MAX(h, n) + talib:MIN(l, n))/2",
                    {{"h", call[0]}, {"l", call[1]}, {"n", call[2]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:MIDPRICE",
               {{.name = "talib:MIDPRICE",
                 .summary = "Middle between the highest and the lowest price of the window",
                 .arguments = bar_arguments("hl", {period_argument(14.0)}),
                 .missing = "missing where a window has a missing row",
                 .warm_up = "missing until its windows are full",
                 .source = "TA-Lib 0.6 (C), TA_MIDPRICE",
                 .example = {.expression = "talib:MIDPRICE($h, $l, 3)",
                             .fields = {{"h", {2.0, 4.0, 5.0, 7.0, 8.0}}, {"l", {1.0, 2.0, 3.0, 5.0, 5.0}}},
                             .expected = {kMissing, kMissing, 3.0, 4.5, 5.5}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_midprice_plugin
