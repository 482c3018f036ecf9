#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/moving_averages.h"

namespace orrery::plugins::operators::talib_pvo_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "talib:PPO(v, f, s, m)",
                    {{"v", call[0]}, {"f", call[1]}, {"s", call[2]}, {"m", call[3]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:PVO", {{.name = "talib:PVO",
                              .summary = "Percentage oscillator of the volume: the fast less the slow "
                                         "average, in per cent of the slow one",
                              .arguments = bar_arguments("v", {period_argument(12.0, 2.0, "fastperiod"),
                                                               period_argument(26.0, 2.0, "slowperiod"),
                                                               average_argument("matype", 1.0)}),
                              .missing = "missing where a window has a missing row",
                              .warm_up = "missing until its windows are full",
                              .source = "TA-Lib 0.8 (C), TA_PVO",
                              .example = {.expression = "talib:PVO($v, 2, 3, 1)",
                                          .fields = {{"v", {100.0, 200.0, 150.0, 300.0, 250.0, 100.0}}},
                                          .expected = {kMissing, kMissing, 0.0, 11.11111111111111,
                                                       5.263157894736842, -11.11111111111111}}},
                             lower});
}

}  // namespace orrery::plugins::operators::talib_pvo_plugin
