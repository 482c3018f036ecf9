#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_vortex_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  constexpr const char* kTexts[] = {
      "let t = talib:SUM(talib:TRANGE(h, l, c), n); If(t == 0, 0*t, talib:SUM(Abs(h - Ref(l, 1)), n)/t)",
      "let t = talib:SUM(talib:TRANGE(h, l, c), n); If(t == 0, 0*t, talib:SUM(Abs(l - Ref(h, 1)), n)/t)"};
  return lower_text(graph, kTexts[call.output()],
                    {{"h", call[0]}, {"l", call[1]}, {"c", call[2]}, {"n", call[3]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:VORTEX",
               {{.name = "talib:VORTEX",
                 .summary = "Vortex: sums of the distances from the high to the low before (plus) and from "
                            "the low to the high before (minus), over the sum of the true ranges",
                 .arguments = bar_arguments("hlc", {period_argument(14.0)}),
                 .missing = "missing where a window has a missing row",
                 .warm_up = "missing for the first `timeperiod` observations",
                 .source = "TA-Lib 0.8 (C), TA_VORTEX",
                 .example = {.expression = "talib:VORTEX($h, $l, $c, 2)",
                             .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}},
                                        {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}},
                                        {"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0}}},
                             .expected = {kMissing, kMissing, 1.375, 1.25, 1.125, 1.375}},
                 .more_rows = 1,
                 .outputs = {"plusvi", "minusvi"}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_vortex_plugin
