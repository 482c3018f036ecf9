#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_vwma_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "talib:SUM(x*v, n)/talib:SUM(v, n)",
                    {{"x", call[0]}, {"v", call[1]}, {"n", call[2]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:VWMA",
      {{.name = "talib:VWMA",
        .summary = "Mean of the window weighted by volume",
        .arguments = {series_argument(), series_argument("volume", "volumes"), period_argument(30.0)},
        .missing = "missing where a window has a missing row",
        .warm_up = "missing until its windows are full",
        .source = "TA-Lib 0.8 (C), TA_VWMA",
        .example = {.expression = "talib:VWMA($a, $v, 2)",
                    .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}},
                               {"v", {100.0, 200.0, 150.0, 300.0, 250.0, 100.0}}},
                    .expected = {kMissing, 1.6666666666666667, 3.7142857142857144, 5.333333333333333,
                                 6.818181818181818, 8.714285714285714}}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_vwma_plugin
