#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "orrery/factor/kernels/lanes.h"

namespace orrery::plugins::operators {

/// A kernel that advances from one whole observation to the next, as TA-Lib's loops do: a row on which an
/// input is missing changes nothing and has no result. `Indicator` declares `kInputs`, `kStates`, `kOutputs`
/// and `step(state, inputs, constants, outputs)` over lanes; the state is zero before the first observation.
template <class Indicator>
void run_over_observations(const kernels::KernelCall& call, std::int64_t first_row, int rows) {
  using kernels::DoubleLanes;
  auto* memory = reinterpret_cast<double*>(call.state);
  const DoubleLanes missing = kernels::all_lanes(std::numeric_limits<double>::quiet_NaN());
  for (std::int64_t row = first_row; row < first_row + rows; ++row) {
    for (int lane = 0; lane < call.lanes; lane += kernels::kDoubleLanes) {
      DoubleLanes in[Indicator::kInputs];
      DoubleLanes state[Indicator::kStates];
      DoubleLanes next[Indicator::kStates];
      DoubleLanes out[Indicator::kOutputs];
      auto whole = DoubleLanes{} == DoubleLanes{};
      for (int i = 0; i < Indicator::kInputs; ++i) {
        in[i] = kernels::load_lanes(call.input_row<double>(i, row) + lane);
        whole = whole & kernels::finite_lanes(in[i]);
      }
      for (int i = 0; i < Indicator::kStates; ++i) {
        state[i] = next[i] = kernels::load_lanes(memory + i * call.lanes + lane);
      }
      Indicator::step(next, in, call.constants, out);
      for (int i = 0; i < Indicator::kStates; ++i) {
        kernels::store_lanes(memory + i * call.lanes + lane, whole ? next[i] : state[i]);
      }
      for (int i = 0; i < Indicator::kOutputs; ++i) {
        kernels::store_lanes(call.output_row<double>(i, row) + lane, whole ? out[i] : missing);
      }
    }
  }
}

template <class Indicator>
std::size_t observation_bytes(const kernels::KernelCall& call) {
  return Indicator::kStates * static_cast<std::size_t>(call.lanes) * sizeof(double);
}

template <class Indicator>
void reset_observations(const kernels::KernelCall& call) {
  auto* memory = reinterpret_cast<double*>(call.state);
  for (int i = 0; i < Indicator::kStates * call.lanes; ++i) memory[i] = 0.0;
}

template <class Indicator>
constexpr kernels::Kernel observation_kernel(const char* name) {
  return {name, run_over_observations<Indicator>, nullptr, observation_bytes<Indicator>,
          reset_observations<Indicator>};
}

/// What TA-Lib takes for zero.
inline auto is_zero(kernels::DoubleLanes value) { return (value < 1e-14) & (value > -1e-14); }

inline kernels::DoubleLanes greater_lanes(kernels::DoubleLanes a, kernels::DoubleLanes b) {
  return a > b ? a : b;
}

/// The greatest of the bar's range and its distances from the close before.
inline kernels::DoubleLanes true_range(kernels::DoubleLanes high, kernels::DoubleLanes low,
                                       kernels::DoubleLanes close_before) {
  return greater_lanes(high - low, greater_lanes(kernels::absolute_lanes(high - close_before),
                                                 kernels::absolute_lanes(low - close_before)));
}

}  // namespace orrery::plugins::operators
