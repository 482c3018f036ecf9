#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_linearreg_angle_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "talib:ATAN(talib:LINEARREG_SLOPE(x, n))*57.29577951308232",
                    {{"x", call[0]}, {"n", call[1]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:LINEARREG_ANGLE",
               {{.name = "talib:LINEARREG_ANGLE",
                 .summary = "Angle of the regression of the window, in degrees",
                 .arguments = {series_argument(), period_argument(14.0)},
                 .missing = "missing where a window has a missing row",
                 .warm_up = "missing until its windows are full",
                 .source = "TA-Lib 0.8 (C), TA_LINEARREG_ANGLE",
                 .example = {.expression = "talib:LINEARREG_ANGLE($a, 3)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                             .expected = {kMissing, kMissing, 68.19859051364818, 56.309932474020215,
                                          56.309932474020215, 56.309932474020215}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_linearreg_angle_plugin
