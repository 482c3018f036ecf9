#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_cmou_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph,
                    "let d = x - Ref(x, 1); let g = talib:SUM(If(d > 0, d, 0*d), n); let t = "
                    "talib:SUM(Abs(d), n); If(t == 0, 0*t, 100*((2*g - t)/t))",
                    {{"x", call[0]}, {"n", call[1]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:CMOU", {{.name = "talib:CMOU",
                               .summary = "Momentum oscillator of Chande over sums of the window, as he "
                                          "defined it: gains less losses over both, from -100 to 100",
                               .arguments = {series_argument(), period_argument(14.0)},
                               .missing = "missing where a window has a missing row",
                               .warm_up = "missing for the first `timeperiod` observations",
                               .source = "TA-Lib 0.8 (C), TA_CMOU",
                               .example = {.expression = "talib:CMOU($a, 2)",
                                           .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                                           .expected = {kMissing, kMissing, 100.0, 60.0, 60.0, 60.0}},
                               .more_rows = 1},
                              lower});
}

}  // namespace orrery::plugins::operators::talib_cmou_plugin
