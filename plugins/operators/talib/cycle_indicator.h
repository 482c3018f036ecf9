#pragma once

#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/talib/dominant_cycle.h"
#include "plugins/operators/talib/lane_observations.h"

namespace orrery::plugins::operators {

/// What an operator says of the dominant cycle: `Result::of(cycle, outputs)`, behind the warm-up.
template <class Result>
struct CycleIndicator {
  static constexpr int kInputs = 1;
  static constexpr int kOutputs = Result::kOutputs;
  using State = DominantCycle;

  static void step(State& state, const double* in, const double*, double* out) {
    constexpr double kBegin = 12.0;
    constexpr double kWarmUp = 32.0;
    state.advance(in[0], kBegin);
    if (state.observations > kWarmUp) Result::of(state, out);
  }
};

/// The same of its phase.
template <class Result>
struct PhaseIndicator {
  static constexpr int kInputs = 1;
  static constexpr int kOutputs = Result::kOutputs;
  using State = CyclePhase;

  static void step(State& state, const double* in, const double*, double* out) {
    state.advance(in[0]);
    if (state.cycle.observations > kPhaseWarmUp) Result::of(state, out);
  }
};

/// Lowers an operator to such an indicator; `kName` is the kernel's.
template <class Indicator, const char* kName>
Operand lower_indicator(GraphBuilder& graph, const OperatorCall& call) {
  static constexpr kernels::Kernel kKernel = lane_observation_kernel<Indicator>(kName);
  return graph.custom(kKernel, std::vector<Operand>{call[0]}, {}, 0, Indicator::kOutputs, call.output());
}

}  // namespace orrery::plugins::operators
