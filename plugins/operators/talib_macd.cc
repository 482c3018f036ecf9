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

/// State: observations, fast and slow mean and the signal (their sums while their windows fill). The fast one
/// begins so that both are there at once for the first time, and results begin with the signal.
struct Convergence {
  static constexpr int kInputs = 1;
  static constexpr int kStates = 4;
  static constexpr int kOutputs = 3;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double* constants, DoubleLanes* out) {
    const double fast = constants[0] < constants[1] ? constants[0] : constants[1];
    const double slow = constants[0] < constants[1] ? constants[1] : constants[0];
    const double signal = constants[2];
    s[0] += 1.0;
    const auto slow_fills = s[0] <= slow;
    const auto fast_counts = s[0] > slow - fast;
    const DoubleLanes fast_sum = fast_counts ? s[1] + in[0] : s[1];
    s[1] = slow_fills ? fast_sum : (in[0] - s[1]) * (2.0 / (fast + 1.0)) + s[1];
    s[2] = slow_fills ? s[2] + in[0] : (in[0] - s[2]) * (2.0 / (slow + 1.0)) + s[2];
    const auto slow_filled = s[0] == slow;
    s[1] = slow_filled ? s[1] / fast : s[1];
    s[2] = slow_filled ? s[2] / slow : s[2];
    const DoubleLanes line = s[1] - s[2];
    const double begin = slow + signal - 1.0;
    const DoubleLanes signal_sum = s[0] >= slow ? s[3] + line : s[3];
    s[3] = s[0] <= begin ? signal_sum : (line - s[3]) * (2.0 / (signal + 1.0)) + s[3];
    s[3] = s[0] == begin ? s[3] / signal : s[3];
    const auto there = s[0] >= begin;
    const DoubleLanes missing = all_lanes(kMissing);
    out[0] = there ? line : missing;
    out[1] = there ? s[3] : missing;
    out[2] = there ? line - s[3] : missing;
  }
};

constexpr kernels::Kernel kKernel = observation_kernel<Convergence>("talib_macd");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0]},
                      {call.number(1), call.number(2), call.number(3)}, 0, 3, call.output());
}

}  // namespace

void register_operators_talib_macd(Registry& registry) {
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

}  // namespace orrery::plugins::operators
