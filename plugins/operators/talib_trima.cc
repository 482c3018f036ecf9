#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_trima_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(1);
  const int first = (window + 1) / 2;  // whole rows
  const int second = window / 2 + 1;
  return lower_text(graph, "talib:SMA(talib:SMA(x, a), b)",
                    {{"x", call[0]}, {"a", graph.number(first)}, {"b", graph.number(second)}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:TRIMA",
               {{.name = "talib:TRIMA",
                 .summary = "Mean of the window with weights that are greatest in its middle",
                 .arguments = {series_argument(), period_argument(30.0)},
                 .missing = "missing where a window has a missing row",
                 .warm_up = "missing until its windows are full",
                 .source = "TA-Lib 0.6 (C), TA_TRIMA",
                 .example = {.expression = "talib:TRIMA($a, 4)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0}}},
                             .expected = {kMissing, kMissing, kMissing, 3.6666666666666665, 5.5}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_trima_plugin
