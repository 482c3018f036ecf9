#pragma once

#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators {

/// An index of 1000 that moves with the close on the days that `Moves::on(volume, volume_before)` picks.
/// Inputs: close, volume. State: observations, close and volume before, the index.
template <class Moves>
struct VolumeIndex {
  static constexpr int kInputs = 2;
  static constexpr int kStates = 4;
  static constexpr int kOutputs = 1;

  static void step(kernels::DoubleLanes* s, const kernels::DoubleLanes* in, const double*,
                   kernels::DoubleLanes* out) {
    const auto moves = (s[0] > 0.0) & Moves::on(in[1], s[2]);
    s[3] = s[0] > 0.0 ? s[3] : kernels::all_lanes(1000.0);
    s[3] = moves ? s[3] + s[3] * ((in[0] - s[1]) / s[1]) : s[3];
    out[0] = s[3];
    s[0] += 1.0;
    s[1] = in[0];
    s[2] = in[1];
  }
};

}  // namespace orrery::plugins::operators
