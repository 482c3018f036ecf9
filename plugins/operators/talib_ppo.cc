#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/moving_averages.h"

namespace orrery::plugins::operators::talib_ppo_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "talib:APO(x, f, s, m)/talib:MA(x, Greater(f, s), m)*100",
                    {{"x", call[0]}, {"f", call[1]}, {"s", call[2]}, {"m", call[3]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:PPO",
               {{.name = "talib:PPO",
                 .summary = "Fast less slow moving average, in per cent of the slow one",
                 .arguments = {series_argument(), period_argument(12.0, 2.0, "fastperiod"),
                               period_argument(26.0, 2.0, "slowperiod"), average_argument("matype", 1.0)},
                 .missing = "missing where a window has a missing row",
                 .warm_up = "missing until its windows are full",
                 .source = "TA-Lib 0.6 (C), TA_PPO",
                 .example = {.expression = "talib:PPO($a, 2, 3)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0}}},
                             .expected = {kMissing, kMissing, 50.0, 20.833333333333325, 17.09401709401709}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_ppo_plugin
