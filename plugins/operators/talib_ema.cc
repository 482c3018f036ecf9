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

/// State: observations, the mean (the sum while the window fills).
struct SeededMean {
  static constexpr int kInputs = 1;
  static constexpr int kStates = 2;
  static constexpr int kOutputs = 1;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double* constants, DoubleLanes* out) {
    const double n = constants[0];
    s[0] += 1.0;
    s[1] = s[0] <= n ? s[1] + in[0] : (in[0] - s[1]) * (2.0 / (n + 1.0)) + s[1];
    s[1] = s[0] == n ? s[1] / n : s[1];
    out[0] = s[0] >= n ? s[1] : all_lanes(kMissing);
  }
};

constexpr kernels::Kernel kKernel = observation_kernel<SeededMean>("talib_ema");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0]}, {call.number(1)}, 0, 1, call.output());
}

}  // namespace

void register_operators_talib_ema(Registry& registry) {
  registry.add("talib:EMA",
               {{.name = "talib:EMA",
                 .summary = "Exponential mean that begins with the mean of its first window",
                 .arguments = {series_argument(), period_argument(30.0)},
                 .missing = "a row on which an input is missing changes nothing and has no value",
                 .warm_up = "missing for the first `timeperiod - 1` observations",
                 .source = "TA-Lib 0.6 (C), TA_EMA",
                 .example = {.expression = "talib:EMA($a, 3)",
                             .fields = {{"a", {1.0, 2.0, 6.0, kMissing, 5.0}}},
                             .expected = {kMissing, kMissing, 3.0, kMissing, 4.0}}},
                lower});
}

}  // namespace orrery::plugins::operators
