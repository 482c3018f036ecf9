#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_er_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph,
                    "let t = talib:SUM(Abs(x - Ref(x, 1)), n); If(t == 0, 1 + 0*t, Abs(x - Ref(x, n))/t)",
                    {{"x", call[0]}, {"n", call[1]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:ER", {{.name = "talib:ER",
                             .summary = "Efficiency of Kaufman: the change over the window over the sum of "
                                        "its steps, from 0 to 1; 1 where nothing changes",
                             .arguments = {series_argument(), period_argument(10.0)},
                             .missing = "missing where a window has a missing row",
                             .warm_up = "missing for the first `timeperiod` observations",
                             .source = "TA-Lib 0.8 (C), TA_ER",
                             .example = {.expression = "talib:ER($a, 2)",
                                         .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                                         .expected = {kMissing, kMissing, 1.0, 0.6, 0.6, 0.6}},
                             .more_rows = 1},
                            lower});
}

}  // namespace orrery::plugins::operators::talib_er_plugin
