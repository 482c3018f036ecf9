#include <limits>
#include <vector>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/gains.h"

namespace orrery::plugins::operators::talib_rsi_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;

struct Strength {
  static DoubleLanes of(DoubleLanes gain, DoubleLanes loss) { return 100.0 * (gain / (gain + loss)); }
};

constexpr kernels::Kernel kKernel = observation_kernel<SmoothedGains<Strength>>("talib_rsi");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0]}, {call.number(1)}, 0, 1, call.output());
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:RSI",
      {{.name = "talib:RSI",
        .summary = "Relative strength index: 100 times the share of the gains in gains and losses, both "
                   "smoothed by Wilder",
        .arguments = {series_argument(), period_argument(14.0)},
        .missing = "a row on which an input is missing changes nothing and has no value",
        .warm_up = "missing for the first `timeperiod` observations",
        .source = "TA-Lib 0.6 (C), TA_RSI",
        .example = {.expression = "talib:RSI($a, 2)",
                    .fields = {{"a", {1.0, 2.0, 1.5, kMissing, 3.0}}},
                    .expected = {kMissing, kMissing, 66.66666666666667, kMissing, 88.88888888888889}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_rsi_plugin
