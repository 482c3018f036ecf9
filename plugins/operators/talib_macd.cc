#include <algorithm>
#include <limits>
#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/convergence.h"

namespace orrery::plugins::operators::talib_macd_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const auto [fast, slow] = std::minmax({call.number(1), call.number(2)});
  return graph.custom(kConvergence, std::vector<Operand>{call[0]},
                      {fast, slow, call.number(3), 2.0 / (fast + 1.0), 2.0 / (slow + 1.0)}, 0, 3,
                      call.output());
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:MACD",
      {{.name = "talib:MACD",
        .summary = "Moving average convergence divergence: the fast less the slow exponential mean, "
                   "its own exponential mean (signal) and their difference (hist)",
        .arguments = {series_argument(), period_argument(12.0, 2.0, "fastperiod"),
                      period_argument(26.0, 2.0, "slowperiod"), period_argument(9.0, 1.0, "signalperiod")},
        .missing = "a row on which an input is missing changes nothing and has no value",
        .warm_up = "missing for the first `slowperiod + signalperiod - 2` observations",
        .source = "TA-Lib 0.6 (C), TA_MACD",
        .example = {.expression = "talib:MACD($a, 2, 3, 1)",
                    .fields = {{"a", {1.0, 2.0, 4.0, kMissing, 7.0}}},
                    .expected = {kMissing, kMissing, 0.6666666666666666, kMissing, 1.0}},
        .outputs = {"macd", "signal", "hist"}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_macd_plugin
