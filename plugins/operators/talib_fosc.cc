#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_fosc_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "100*((x - Ref(talib:TSF(x, n), 1))/x)", {{"x", call[0]}, {"n", call[1]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:FOSC",
               {{.name = "talib:FOSC",
                 .summary = "Forecast oscillator: distance of the value from what the regression of the "
                            "window before foretold, in per cent of the value",
                 .arguments = {series_argument(), period_argument(5.0)},
                 .missing = "missing where a window has a missing row",
                 .warm_up = "missing until its windows are full",
                 .source = "TA-Lib 0.8 (C), TA_FOSC",
                 .example = {.expression = "talib:FOSC($a, 2)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                             .expected = {kMissing, kMissing, 50.0, -100.0, 55.55555555555556, -62.5}},
                 .more_rows = 1},
                lower});
}

}  // namespace orrery::plugins::operators::talib_fosc_plugin
