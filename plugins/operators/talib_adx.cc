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

using kernels::absolute_lanes;
using kernels::all_lanes;
using kernels::DoubleLanes;

/// State: observations, high, low and close before, falling and rising movement and true range (smoothed
/// sums), the index (its sum while the window fills).
struct DirectionalIndex {
  static constexpr int kInputs = 3;
  static constexpr int kStates = 8;
  static constexpr int kOutputs = 1;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double* constants, DoubleLanes* out) {
    const double n = constants[0];
    const auto first = s[0] == 0.0;
    const DoubleLanes up = in[0] - s[1];
    const DoubleLanes down = s[2] - in[1];
    const auto falls = (down > 0.0) & (up < down);
    const DoubleLanes falling = falls ? down : DoubleLanes{};
    const DoubleLanes rising = ((up > 0.0) & (up > down)) ? up : DoubleLanes{};
    const DoubleLanes range = true_range(in[0], in[1], s[3]);
    // The first n - 1 movements are added up; from then on a sum loses its n-th part with every bar.
    const auto smooth = s[0] >= n;
    const DoubleLanes movements[3] = {falling, rising, range};
    for (int i = 0; i < 3; ++i) {
      const DoubleLanes kept = smooth ? s[4 + i] - s[4 + i] / n : s[4 + i];
      s[4 + i] = first ? DoubleLanes{} : kept + movements[i];
    }
    const DoubleLanes minus = 100.0 * (s[4] / s[6]);
    const DoubleLanes plus = 100.0 * (s[5] / s[6]);
    const DoubleLanes both = minus + plus;
    const auto known = ~(is_zero(s[6]) | is_zero(both)) & smooth;
    const DoubleLanes index = 100.0 * (absolute_lanes(minus - plus) / both);
    const auto filling = s[0] <= 2.0 * n - 1.0;
    const DoubleLanes moved = filling ? s[7] + index : (s[7] * (n - 1.0) + index) / n;
    s[7] = known ? moved : s[7];
    s[7] = s[0] == 2.0 * n - 1.0 ? s[7] / n : s[7];
    out[0] = s[0] >= 2.0 * n - 1.0 ? s[7] : all_lanes(kMissing);
    s[0] += 1.0;
    s[1] = in[0];
    s[2] = in[1];
    s[3] = in[2];
  }
};

constexpr kernels::Kernel kKernel = observation_kernel<DirectionalIndex>("talib_adx");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0], call[1], call[2]}, {call.number(3)}, 0, 1,
                      call.output());
}

}  // namespace

void register_operators_talib_adx(Registry& registry) {
  registry.add(
      "talib:ADX",
      {{.name = "talib:ADX",
        .summary =
            "Average directional movement index: how strong the trend is, whichever way, from 0 to 100",
        .arguments = bar_arguments("hlc", {period_argument(14.0)}),
        .missing = "a row on which an input is missing changes nothing and has no value",
        .warm_up = "missing for the first `2 timeperiod - 1` observations",
        .source = "TA-Lib 0.6 (C), TA_ADX",
        .example = {.expression = "talib:ADX($h, $l, $c, 2)",
                    .fields = {{"h", {2.0, 3.0, 4.0, 5.0, 6.0}},
                               {"l", {1.0, 2.0, 3.0, 4.0, 5.0}},
                               {"c", {1.5, 2.5, 3.5, 4.5, 5.5}}},
                    .expected = {kMissing, kMissing, kMissing, 100.0, 100.0}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators
