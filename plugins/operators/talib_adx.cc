#include <limits>
#include <vector>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/directional_movement.h"

namespace orrery::plugins::operators::talib_adx_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::all_lanes;
using kernels::DoubleLanes;

/// State: as DirectionalMovement, and the index (its sum while the window fills).
struct AverageIndex {
  static constexpr int kInputs = 3;
  static constexpr int kStates = DirectionalMovement::kStates + 1;
  static constexpr int kOutputs = 1;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double* constants, DoubleLanes* out) {
    const double n = constants[0];
    const double share = 1.0 / n;
    DirectionalMovement::advance(s, in, n);
    const DoubleLanes index = DirectionalMovement::index(s);
    const auto known = DirectionalMovement::indexed(s) & (s[0] >= n);
    const auto filling = s[0] <= 2.0 * n - 1.0;
    const DoubleLanes moved = filling ? s[7] + index : (s[7] * (n - 1.0) + index) * share;
    s[7] = known ? moved : s[7];
    s[7] = s[0] == 2.0 * n - 1.0 ? s[7] * share : s[7];
    out[0] = s[0] >= 2.0 * n - 1.0 ? s[7] : all_lanes(kMissing);
    s[0] += 1.0;
  }
};

constexpr kernels::Kernel kKernel = observation_kernel<AverageIndex>("talib_adx");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0], call[1], call[2]}, {call.number(3)}, 0, 1,
                      call.output());
}

}  // namespace

void add_to(Registry& registry) {
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

}  // namespace orrery::plugins::operators::talib_adx_plugin
