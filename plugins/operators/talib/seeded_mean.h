#pragma once

#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators {

/// An exponential mean that begins with the mean of its first window. State: observations, the mean (the sum
/// while the window fills). constants: window, weight of the latest observation.
struct SeededMean {
  static constexpr int kInputs = 1;
  static constexpr int kStates = 2;
  static constexpr int kOutputs = 1;

  static void step(kernels::DoubleLanes* s, const kernels::DoubleLanes* in, const double* constants,
                   kernels::DoubleLanes* out) {
    const double n = constants[0];
    s[0] += 1.0;
    s[1] = s[0] <= n ? s[1] + in[0] : (in[0] - s[1]) * constants[1] + s[1];
    s[1] = s[0] == n ? s[1] * (1.0 / n) : s[1];
    out[0] = s[0] >= n ? s[1] : kernels::all_lanes(std::numeric_limits<double>::quiet_NaN());
  }
};

}  // namespace orrery::plugins::operators
