#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_fractal_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  constexpr const char* kTexts[] = {
      "If((Ref(h, r) > Max(h, r)) & (Ref(h, r) > Ref(Max(h, k), r + 1)), 100, 0) + 0*talib:SUM(h "
      "+ l, k + r + 1)",
      "If((Ref(l, r) < Min(l, r)) & (Ref(l, r) < Ref(Min(l, k), r + 1)), 100, 0) + 0*talib:SUM(h "
      "+ l, k + r + 1)"};
  return lower_text(graph, kTexts[call.output()],
                    {{"h", call[0]}, {"l", call[1]}, {"k", call[2]}, {"r", call[3]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:FRACTAL",
      {{.name = "talib:FRACTAL",
        .summary = "100 on the bar that confirms a swing: the high (low) of `rightbars` bars ago above "
                   "(below) all of the `leftbars` before it and of those since",
        .arguments = bar_arguments(
            "hl", {period_argument(2.0, 1.0, "leftbars"), period_argument(2.0, 1.0, "rightbars")}),
        .missing = "missing where a window has a missing row",
        .warm_up = "missing for the first `leftbars + rightbars` observations",
        .source = "TA-Lib 0.8 (C), TA_FRACTAL",
        .example = {.expression = "talib:FRACTAL($h, $l, 1, 1)",
                    .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}}, {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}}},
                    .expected = {kMissing, kMissing, 0.0, 100.0, 0.0, 0.0}},
        .more_rows = 2,
        .outputs = {"swinghigh", "swinglow"}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_fractal_plugin
