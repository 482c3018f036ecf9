#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "orrery/factor/kernels/lanes.h"

namespace orrery::plugins::operators {

/// Some instruments' way through the rows of a block, the state in registers from row to row.
template <class Indicator>
class ObservationLanes {
 public:
  ObservationLanes(const kernels::KernelCall& call, int lane) : call_(call), lane_(lane) {
    // A copy, which no store to a result can change, so that what is made of it is made once.
    for (int i = 0; i < kMostConstants && i < call.constant_count; ++i) constants_[i] = call.constants[i];
    for (int i = 0; i < Indicator::kStates; ++i) state_[i] = kernels::load_lanes(memory(i));
  }
  void step(std::int64_t row) {
    kernels::DoubleLanes in[Indicator::kInputs];
    kernels::DoubleLanes next[Indicator::kStates];
    kernels::DoubleLanes out[Indicator::kOutputs];
    // The last input of an operator's kernel is NaN outside the instrument's life.
    auto whole =
        kernels::finite_lanes(kernels::load_lanes(call_.input_row<float>(Indicator::kInputs, row) + lane_));
    for (int i = 0; i < Indicator::kInputs; ++i) {
      in[i] = kernels::load_lanes(call_.input_row<double>(i, row) + lane_);
      whole = whole & kernels::finite_lanes(in[i]);
    }
    for (int i = 0; i < Indicator::kStates; ++i) next[i] = state_[i];
    Indicator::step(next, in, constants_, out);
    for (int i = 0; i < Indicator::kStates; ++i) state_[i] = whole ? next[i] : state_[i];
    const kernels::DoubleLanes missing = kernels::all_lanes(std::numeric_limits<double>::quiet_NaN());
    for (int i = 0; i < Indicator::kOutputs; ++i)
      kernels::store_lanes(call_.output_row<double>(i, row) + lane_, whole ? out[i] : missing);
  }
  void remember() const {
    for (int i = 0; i < Indicator::kStates; ++i) kernels::store_lanes(memory(i), state_[i]);
  }

 private:
  static constexpr int kMostConstants = 16;

  double* memory(int i) const { return reinterpret_cast<double*>(call_.state) + i * call_.lanes + lane_; }

  const kernels::KernelCall& call_;
  int lane_;
  double constants_[kMostConstants] = {};
  kernels::DoubleLanes state_[Indicator::kStates];
};

/// A kernel that advances from one whole observation to the next, as TA-Lib's loops do: a row on which an
/// input is missing changes nothing and has no result. `Indicator` declares `kInputs`, `kStates`, `kOutputs`
/// and `step(state, inputs, constants, outputs)` over lanes, with at most 16 constants; the state is zero
/// before the first observation. Two vectors of instruments go side by side, so that one does not wait for
/// the other's step.
template <class Indicator>
void run_over_observations(const kernels::KernelCall& call, std::int64_t first_row, int rows) {
  static_assert(kernels::kLaneGroup % (2 * kernels::kDoubleLanes) == 0);
  for (int lane = 0; lane < call.lanes; lane += 2 * kernels::kDoubleLanes) {
    ObservationLanes<Indicator> left(call, lane);
    ObservationLanes<Indicator> right(call, lane + kernels::kDoubleLanes);
    for (std::int64_t row = first_row; row < first_row + rows; ++row) {
      left.step(row);
      right.step(row);
    }
    left.remember();
    right.remember();
  }
}

/// The same with the registers and masks of AVX-512, which hold the states of both vectors.
template <class Indicator>
__attribute__((flatten, target("avx512f,avx512dq,avx512vl"))) void run_over_observations_wide(
    const kernels::KernelCall& call, std::int64_t first_row, int rows) {
  run_over_observations<Indicator>(call, first_row, rows);
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
  return {.name = name,
          .run = run_over_observations<Indicator>,
          .run_wide = run_over_observations_wide<Indicator>,
          .state_bytes = observation_bytes<Indicator>,
          .reset = reset_observations<Indicator>,
          .knows_life = true};
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
