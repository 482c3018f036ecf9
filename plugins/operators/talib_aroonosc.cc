#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_aroonosc_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "talib:AROON(h, l, n).aroonup - talib:AROON(h, l, n).aroondown",
                    {{"h", call[0]}, {"l", call[1]}, {"n", call[2]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:AROONOSC",
      {{.name = "talib:AROONOSC",
        .summary = "Aroon up less Aroon down",
        .arguments = bar_arguments("hl", {period_argument(14.0)}),
        .missing = "missing where a window has a missing row",
        .warm_up = "missing for the first `timeperiod` observations",
        .source = "TA-Lib 0.8 (C), TA_AROONOSC",
        .example = {.expression = "talib:AROONOSC($h, $l, 3)",
                    .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}}, {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}}},
                    .expected = {kMissing, kMissing, kMissing, 66.66666666666667, 100.0, 66.66666666666667}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_aroonosc_plugin
