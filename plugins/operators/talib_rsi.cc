#include <limits>
#include <vector>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::all_lanes;
using kernels::DoubleLanes;

/// State: observations, the value before, smoothed gain and loss (their sums while the window fills).
struct RelativeStrength {
  static constexpr int kInputs = 1;
  static constexpr int kStates = 4;
  static constexpr int kOutputs = 1;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double* constants, DoubleLanes* out) {
    const double n = constants[0];
    const DoubleLanes change = in[0] - s[1];
    const auto changed = s[0] > 0.0;
    const DoubleLanes gain = (changed & (change > 0.0)) ? change : DoubleLanes{};
    const DoubleLanes loss = (changed & (change < 0.0)) ? -change : DoubleLanes{};
    const auto filling = s[0] <= n;
    const auto filled = s[0] == n;
    s[2] = filling ? s[2] + gain : (s[2] * (n - 1.0) + gain) / n;
    s[3] = filling ? s[3] + loss : (s[3] * (n - 1.0) + loss) / n;
    s[2] = filled ? s[2] / n : s[2];
    s[3] = filled ? s[3] / n : s[3];
    const DoubleLanes both = s[2] + s[3];
    const DoubleLanes index = is_zero(both) ? DoubleLanes{} : 100.0 * (s[2] / both);
    out[0] = s[0] >= n ? index : all_lanes(kMissing);
    s[0] += 1.0;
    s[1] = in[0];
  }
};

constexpr kernels::Kernel kKernel = observation_kernel<RelativeStrength>("talib_rsi");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0]}, {call.number(1)}, 0, 1, call.output());
}

}  // namespace

void register_operators_talib_rsi(Registry& registry) {
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

}  // namespace orrery::plugins::operators
