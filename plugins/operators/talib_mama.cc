#include <algorithm>
#include <limits>
#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/dominant_cycle.h"
#include "plugins/operators/talib/lane_observations.h"

namespace orrery::plugins::operators::talib_mama_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// State: the cycle, the phase before, both means.
struct AdaptiveMean {
  static constexpr int kInputs = 1;
  static constexpr int kOutputs = 2;
  struct State {
    DominantCycle cycle;
    double phase;
    double mama;
    double fama;
  };

  static void step(State& state, const double* in, const double* constants, double* out) {
    constexpr double kBegin = 12.0;
    constexpr double kWarmUp = 32.0;
    if (!state.cycle.advance(in[0], kBegin)) return;
    const double in_phase = state.cycle.in_phase();
    const double phase = in_phase != 0.0 ? arc_tangent(state.cycle.quadrature[0] / in_phase) * kDegrees : 0.0;
    const double turned = std::max(1.0, state.phase - phase);
    state.phase = phase;
    const double weight = turned > 1.0 ? std::max(constants[0] / turned, constants[1]) : constants[0];
    state.mama = weight * in[0] + (1.0 - weight) * state.mama;
    state.fama = 0.5 * weight * state.mama + (1.0 - 0.5 * weight) * state.fama;
    if (state.cycle.observations <= kWarmUp) return;
    out[0] = state.mama;
    out[1] = state.fama;
  }
};

constexpr kernels::Kernel kKernel = lane_observation_kernel<AdaptiveMean>("talib_mama");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0]}, {call.number(1), call.number(2)}, 0, 2,
                      call.output());
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:MAMA",
      {{.name = "talib:MAMA",
        .summary = "Adaptive mean of MESA: exponential, with a weight by how fast the phase of the dominant "
                   "cycle turns (mama), and its own mean of half that weight (fama)",
        .arguments = {series_argument(),
                      number_argument("fastlimit", "most weight of the latest value", 0.5, 0.01, 0.99),
                      number_argument("slowlimit", "least weight of the latest value", 0.05, 0.01, 0.99)},
        .missing = "a row on which an input is missing changes nothing and has no value",
        .warm_up = "missing for the first 32 observations",
        .source = "TA-Lib 0.8 (C), TA_MAMA",
        .example = {.expression = "talib:MAMA($a)",
                    .fields = {{"a", {1.0, 2.0, 6.0, 5.0}}},
                    .expected = {kMissing, kMissing, kMissing, kMissing}},
        .outputs = {"mama", "fama"}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_mama_plugin
