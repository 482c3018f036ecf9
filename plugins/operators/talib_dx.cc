#include <limits>
#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/directional_movement.h"

namespace orrery::plugins::operators::talib_dx_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;

/// State: as DirectionalMovement, and the latest index.
struct DirectionalIndex {
  static constexpr int kInputs = 3;
  static constexpr int kStates = DirectionalMovement::kStates + 1;
  static constexpr int kOutputs = 1;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double* constants, DoubleLanes* out) {
    DirectionalMovement::advance(s, in, constants[0]);
    const auto there = s[0] >= constants[0];
    s[7] = (DirectionalMovement::indexed(s) & there) ? DirectionalMovement::index(s) : s[7];
    out[0] = there ? s[7] : kernels::all_lanes(kMissing);
    s[0] += 1.0;
  }
};

constexpr kernels::Kernel kKernel = observation_kernel<DirectionalIndex>("talib_dx");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0], call[1], call[2]}, {call.number(3)}, 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:DX",
      {{.name = "talib:DX",
        .summary =
            "Directional movement index: distance of falling and rising movement over both, from 0 to 100",
        .arguments = bar_arguments("hlc", {period_argument(14.0)}),
        .missing = "a row on which an input is missing changes nothing and has no value",
        .warm_up = "missing for the first `timeperiod` observations",
        .source = "TA-Lib 0.8 (C), TA_DX",
        .example = {.expression = "talib:DX($h, $l, $c, 2)",
                    .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}},
                               {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}},
                               {"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0}}},
                    .expected = {kMissing, kMissing, 100.0, 100.0, 100.0, 100.0}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_dx_plugin
