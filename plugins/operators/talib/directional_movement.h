#pragma once

#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators {

/// Wilder's directional movement. State: observations before this one, high, low and close before, and the
/// smoothed sums of falling and rising movement and of the true range.
struct DirectionalMovement {
  static constexpr int kStates = 7;

  /// The first n - 1 movements are added up; from then on a sum loses its n-th part with every observation.
  /// `in`: high, low, close. The caller counts the observation when it is done.
  static void advance(kernels::DoubleLanes* s, const kernels::DoubleLanes* in, double n) {
    using kernels::DoubleLanes;
    const auto first = s[0] == 0.0;
    const DoubleLanes up = in[0] - s[1];
    const DoubleLanes down = s[2] - in[1];
    const auto falls = (down > 0.0) & (up < down);
    const DoubleLanes falling = falls ? down : DoubleLanes{};
    const DoubleLanes rising = ((up > 0.0) & (up > down)) ? up : DoubleLanes{};
    const DoubleLanes movements[3] = {falling, rising, true_range(in[0], in[1], s[3])};
    const auto smooth = s[0] >= n;
    const double share = 1.0 / n;
    for (int i = 0; i < 3; ++i) {
      const DoubleLanes kept = smooth ? s[4 + i] - s[4 + i] * share : s[4 + i];
      s[4 + i] = first ? DoubleLanes{} : kept + movements[i];
    }
    s[1] = in[0];
    s[2] = in[1];
    s[3] = in[2];
  }

  /// Share of the range that is falling or rising movement, in per cent.
  static kernels::DoubleLanes falling(const kernels::DoubleLanes* s) { return s[4] * (100.0 / s[6]); }
  static kernels::DoubleLanes rising(const kernels::DoubleLanes* s) { return s[5] * (100.0 / s[6]); }

  /// All ones where there is an index: some range and some movement.
  static auto indexed(const kernels::DoubleLanes* s) {
    return ~(is_zero(s[6]) | is_zero(falling(s) + rising(s)));
  }
  /// The distance of the two shares over their sum, in per cent.
  static kernels::DoubleLanes index(const kernels::DoubleLanes* s) {
    const kernels::DoubleLanes minus = falling(s);
    const kernels::DoubleLanes plus = rising(s);
    return 100.0 * (kernels::absolute_lanes(minus - plus) / (minus + plus));
  }
};

/// The movement itself (state `kSum`), as TA-Lib's MINUS_DM and PLUS_DM have it. Inputs: high, low.
template <int kSum>
struct MovementSum {
  static constexpr int kInputs = 2;
  static constexpr int kStates = DirectionalMovement::kStates;
  static constexpr int kOutputs = 1;

  static void step(kernels::DoubleLanes* s, const kernels::DoubleLanes* in, const double* constants,
                   kernels::DoubleLanes* out) {
    const kernels::DoubleLanes bar[3] = {in[0], in[1], in[1]};
    DirectionalMovement::advance(s, bar, constants[0]);
    const double first = constants[0] > 1.0 ? constants[0] - 1.0 : 1.0;
    out[0] = s[0] >= first ? s[kSum] : kernels::all_lanes(std::numeric_limits<double>::quiet_NaN());
    s[0] += 1.0;
  }
};

/// The movement's share of the range, as MINUS_DI and PLUS_DI have it: in per cent, but for a window of one
/// observation. Inputs: high, low, close.
template <int kSum>
struct MovementShare {
  static constexpr int kInputs = 3;
  static constexpr int kStates = DirectionalMovement::kStates;
  static constexpr int kOutputs = 1;

  static void step(kernels::DoubleLanes* s, const kernels::DoubleLanes* in, const double* constants,
                   kernels::DoubleLanes* out) {
    DirectionalMovement::advance(s, in, constants[0]);
    const double scale = constants[0] > 1.0 ? 100.0 : 1.0;
    const kernels::DoubleLanes share = is_zero(s[6]) ? kernels::DoubleLanes{} : scale * (s[kSum] / s[6]);
    out[0] = s[0] >= constants[0] ? share : kernels::all_lanes(std::numeric_limits<double>::quiet_NaN());
    s[0] += 1.0;
  }
};

}  // namespace orrery::plugins::operators
