#pragma once

#include <limits>

#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators {

/// State: observations, fast and slow mean and the signal (their sums while their windows fill). The fast one
/// begins so that both are there at once for the first time, and results begin with the signal. constants:
/// the windows of fast, slow and signal, the weights of the latest value of fast and slow; the fast window is
/// the shorter.
struct Convergence {
  static constexpr int kInputs = 1;
  static constexpr int kStates = 4;
  static constexpr int kOutputs = 3;

  static void step(kernels::DoubleLanes* s, const kernels::DoubleLanes* in, const double* constants,
                   kernels::DoubleLanes* out) {
    const double fast = constants[0];
    const double slow = constants[1];
    const double signal = constants[2];
    s[0] += 1.0;
    const auto slow_fills = s[0] <= slow;
    const auto fast_counts = s[0] > slow - fast;
    const kernels::DoubleLanes fast_sum = fast_counts ? s[1] + in[0] : s[1];
    s[1] = slow_fills ? fast_sum : (in[0] - s[1]) * constants[3] + s[1];
    s[2] = slow_fills ? s[2] + in[0] : (in[0] - s[2]) * constants[4] + s[2];
    const auto slow_filled = s[0] == slow;
    s[1] = slow_filled ? s[1] * (1.0 / fast) : s[1];
    s[2] = slow_filled ? s[2] * (1.0 / slow) : s[2];
    const kernels::DoubleLanes line = s[1] - s[2];
    const double begin = slow + signal - 1.0;
    const kernels::DoubleLanes signal_sum = s[0] >= slow ? s[3] + line : s[3];
    s[3] = s[0] <= begin ? signal_sum : (line - s[3]) * (2.0 / (signal + 1.0)) + s[3];
    s[3] = s[0] == begin ? s[3] * (1.0 / signal) : s[3];
    const auto there = s[0] >= begin;
    const kernels::DoubleLanes missing = kernels::all_lanes(std::numeric_limits<double>::quiet_NaN());
    out[0] = there ? line : missing;
    out[1] = there ? s[3] : missing;
    out[2] = there ? line - s[3] : missing;
  }
};

inline constexpr kernels::Kernel kConvergence = observation_kernel<Convergence>("talib_macd");

}  // namespace orrery::plugins::operators
