#include <limits>
#include <vector>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators::talib_atr_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::all_lanes;
using kernels::DoubleLanes;

/// State: observations, the close before, the smoothed range (its sum while the window fills).
struct AverageTrueRange {
  static constexpr int kInputs = 3;
  static constexpr int kStates = 3;
  static constexpr int kOutputs = 1;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double* constants, DoubleLanes* out) {
    const double n = constants[0];
    const double share = 1.0 / n;
    const DoubleLanes range = s[0] > 0.0 ? true_range(in[0], in[1], s[1]) : DoubleLanes{};
    s[2] = s[0] <= n ? s[2] + range : (s[2] * (n - 1.0) + range) * share;
    s[2] = s[0] == n ? s[2] * share : s[2];
    out[0] = s[0] >= n ? s[2] : all_lanes(kMissing);
    s[0] += 1.0;
    s[1] = in[2];
  }
};

constexpr kernels::Kernel kKernel = observation_kernel<AverageTrueRange>("talib_atr");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0], call[1], call[2]}, {call.number(3)}, 0, 1,
                      call.output());
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:ATR",
               {{.name = "talib:ATR",
                 .summary = "Average true range, smoothed by Wilder",
                 .arguments = bar_arguments("hlc", {period_argument(14.0, 1.0)}),
                 .missing = "a row on which an input is missing changes nothing and has no value",
                 .warm_up = "missing for the first `timeperiod` observations",
                 .source = "TA-Lib 0.6 (C), TA_ATR",
                 .example = {.expression = "talib:ATR($h, $l, $c, 2)",
                             .fields = {{"h", {2.0, 3.0, 5.0, kMissing, 6.0}},
                                        {"l", {1.0, 2.0, 3.0, 3.0, 5.0}},
                                        {"c", {1.0, 3.0, 4.0, 4.0, 5.0}}},
                             .expected = {kMissing, kMissing, 2.0, kMissing, 2.0}},
                 .more_rows = 1},
                lower});
}

}  // namespace orrery::plugins::operators::talib_atr_plugin
