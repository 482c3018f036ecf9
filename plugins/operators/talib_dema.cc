#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_dema_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "let e = talib:EMA(x, n); 2*e - talib:EMA(e, n)",
                    {{"x", call[0]}, {"n", call[1]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:DEMA",
               {{.name = "talib:DEMA",
                 .summary = "Double exponential mean",
                 .arguments = {series_argument(), period_argument(30.0)},
                 .missing = "missing where a window has a missing row",
                 .warm_up = "missing until its windows are full",
                 .source = "TA-Lib 0.6 (C), TA_DEMA",
                 .example = {.expression = "talib:DEMA($a, 2)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0}}},
                             .expected = {kMissing, kMissing, 6.0, 5.444444444444444, 8.74074074074074}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_dema_plugin
