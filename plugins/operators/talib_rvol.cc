#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_rvol_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "let m = Ref(talib:SMA(v, n), 1); If(m == 0, 0*v, v/m)",
                    {{"v", call[0]}, {"n", call[1]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:RVOL", {{.name = "talib:RVOL",
                               .summary = "Volume over the mean volume of the window before",
                               .arguments = bar_arguments("v", {period_argument(20.0)}),
                               .missing = "missing where a window has a missing row",
                               .warm_up = "missing until its windows are full",
                               .source = "TA-Lib 0.8 (C), TA_RVOL",
                               .example = {.expression = "talib:RVOL($v, 2)",
                                           .fields = {{"v", {100.0, 200.0, 150.0, 300.0, 250.0, 100.0}}},
                                           .expected = {kMissing, kMissing, 1.0, 1.7142857142857142,
                                                        1.1111111111111112, 0.36363636363636365}},
                               .more_rows = 1},
                              lower});
}

}  // namespace orrery::plugins::operators::talib_rvol_plugin
