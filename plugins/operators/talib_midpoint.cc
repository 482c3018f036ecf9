#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_midpoint_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "(talib:MAX(x, n) + talib:MIN(x, n))/2", {{"x", call[0]}, {"n", call[1]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:MIDPOINT",
               {{.name = "talib:MIDPOINT",
                 .summary = "Middle between the greatest and the smallest value of the window",
                 .arguments = {series_argument(), period_argument(14.0)},
                 .missing = "missing where a window has a missing row",
                 .warm_up = "missing until its windows are full",
                 .source = "TA-Lib 0.6 (C), TA_MIDPOINT",
                 .example = {.expression = "talib:MIDPOINT($a, 3)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0}}},
                             .expected = {kMissing, kMissing, 3.5, 4.0, 7.0}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_midpoint_plugin
