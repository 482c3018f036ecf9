#pragma once

#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators {

/// Wilder's smoothed gain and loss. State: observations, the value before, smoothed gain and loss (their sums
/// while the window fills). `Index::of(gain, loss)` is the result where there is any change.
template <class Index>
struct SmoothedGains {
  static constexpr int kInputs = 1;
  static constexpr int kStates = 4;
  static constexpr int kOutputs = 1;

  static void step(kernels::DoubleLanes* s, const kernels::DoubleLanes* in, const double* constants,
                   kernels::DoubleLanes* out) {
    using kernels::DoubleLanes;
    const double n = constants[0];
    const double share = 1.0 / n;
    const DoubleLanes change = in[0] - s[1];
    const auto changed = s[0] > 0.0;
    const DoubleLanes gain = (changed & (change > 0.0)) ? change : DoubleLanes{};
    const DoubleLanes loss = (changed & (change < 0.0)) ? -change : DoubleLanes{};
    const auto filling = s[0] <= n;
    const auto filled = s[0] == n;
    s[2] = filling ? s[2] + gain : (s[2] * (n - 1.0) + gain) * share;
    s[3] = filling ? s[3] + loss : (s[3] * (n - 1.0) + loss) * share;
    s[2] = filled ? s[2] * share : s[2];
    s[3] = filled ? s[3] * share : s[3];
    const DoubleLanes index = is_zero(s[2] + s[3]) ? DoubleLanes{} : Index::of(s[2], s[3]);
    out[0] = s[0] >= n ? index : kernels::all_lanes(std::numeric_limits<double>::quiet_NaN());
    s[0] += 1.0;
    s[1] = in[0];
  }
};

}  // namespace orrery::plugins::operators
