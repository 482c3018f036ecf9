#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_linearreg_intercept_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "talib:LINEARREG(x, n) - (n-1)*talib:LINEARREG_SLOPE(x, n)",
                    {{"x", call[0]}, {"n", call[1]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:LINEARREG_INTERCEPT",
               {{.name = "talib:LINEARREG_INTERCEPT",
                 .summary = "Beginning of a line through the window",
                 .arguments = {series_argument(), period_argument(14.0)},
                 .missing = "missing where a window has a missing row",
                 .warm_up = "missing until its windows are full",
                 .source = "TA-Lib 0.6 (C), TA_LINEARREG_INTERCEPT",
                 .example = {.expression = "talib:LINEARREG_INTERCEPT($a, 3)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0}}},
                             .expected = {kMissing, kMissing, 0.5, 2.8333333333333335, 5.166666666666667}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_linearreg_intercept_plugin
