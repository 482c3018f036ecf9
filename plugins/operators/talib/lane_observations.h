#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "orrery/factor/kernels/kernel.h"

namespace orrery::plugins::operators {

/// As run_over_observations, one instrument at a time, for indicators that branch or look things up.
/// `Indicator` declares `kInputs`, `kOutputs`, a `State` that is all zero bytes before the first observation,
/// and `step(state, inputs, constants, outputs)`; outputs are missing before it is called.
template <class Indicator>
void run_over_lane_observations(const kernels::KernelCall& call, std::int64_t first_row, int rows) {
  auto* states = reinterpret_cast<typename Indicator::State*>(call.state);
  for (std::int64_t row = first_row; row < first_row + rows; ++row) {
    for (int lane = 0; lane < call.lanes; ++lane) {
      double in[Indicator::kInputs];
      double out[Indicator::kOutputs];
      const float life = call.input_row<float>(Indicator::kInputs, row)[lane];
      bool whole = life == life;
      for (int i = 0; i < Indicator::kInputs; ++i) {
        in[i] = call.input_row<double>(i, row)[lane];
        whole = whole && in[i] - in[i] == 0.0;
      }
      for (double& value : out) value = std::numeric_limits<double>::quiet_NaN();
      if (whole) Indicator::step(states[lane], in, call.constants, out);
      for (int i = 0; i < Indicator::kOutputs; ++i) call.output_row<double>(i, row)[lane] = out[i];
    }
  }
}

template <class Indicator>
std::size_t lane_observation_bytes(const kernels::KernelCall& call) {
  return static_cast<std::size_t>(call.lanes) * sizeof(typename Indicator::State);
}

template <class Indicator>
void reset_lane_observations(const kernels::KernelCall& call) {
  std::memset(call.state, 0, lane_observation_bytes<Indicator>(call));
}

template <class Indicator>
constexpr kernels::Kernel lane_observation_kernel(const char* name) {
  return {.name = name,
          .run = run_over_lane_observations<Indicator>,
          .state_bytes = lane_observation_bytes<Indicator>,
          .reset = reset_lane_observations<Indicator>,
          .knows_life = true};
}

}  // namespace orrery::plugins::operators
