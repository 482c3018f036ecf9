#pragma once

#include "orrery/factor/kernels/kernel.h"

namespace orrery::plugins::operators {

/// Wilder's parabolic stop and reverse. Inputs: high, low. constants: start value (0: from the first two
/// bars; positive: long there; negative: short there), offset on reverse, then first, further and most
/// acceleration for long and for short, and 1 where a short stop is to be negative.
struct ParabolicStop {
  static constexpr int kInputs = 2;
  static constexpr int kOutputs = 1;
  static constexpr int kConstants = 9;

  struct State {
    double observations;
    double high;  ///< of the observation before
    double low;
    double extreme;
    double stop;
    double acceleration;
    double is_short;
  };

  static void step(State& state, const double* in, const double* constants, double* out);
};

}  // namespace orrery::plugins::operators
