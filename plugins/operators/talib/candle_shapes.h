#pragma once

#include "plugins/operators/talib/candle_view.h"

namespace orrery::plugins::operators {

// Shapes that several patterns share, over a CandleView.

/// A short body at the upper end of a long lower shadow.
LaneMask hammer_shape(const auto& at) {
  return at.has_short_body(0) & (at.lower_shadow(0) > at.long_shadow(0)) & at.has_very_short_upper_shadow(0);
}

/// A short body at the lower end of a long upper shadow.
LaneMask inverted_hammer_shape(const auto& at) {
  return at.has_short_body(0) & (at.upper_shadow(0) > at.long_shadow(0)) & at.has_very_short_lower_shadow(0);
}

/// Two candles of opposite colour, all body, the second one a gap away in its own direction.
LaneMask kicking_shape(const auto& at) {
  const LaneMask kicked = (at.black(1) & at.gap_up(0, 1)) | (at.white(1) & at.gap_down(0, 1));
  return at.opposite_color(1, 0) & at.is_marubozu(1) & at.is_marubozu(0) & kicked;
}

/// 100 where the body lies inside the candle before's, 80 where they share an end, 0 elsewhere.
DoubleLanes body_inside_before(const auto& at) {
  const LaneMask inside = (at.top(0) < at.top(1)) & (at.bottom(0) > at.bottom(1));
  const LaneMask touching = (at.top(0) <= at.top(1)) & (at.bottom(0) >= at.bottom(1));
  return where(touching, inside ? all_lanes(100.0) : all_lanes(80.0));
}

/// A long white candle, a star above it, and a black one that closes deep in the first one's body.
LaneMask evening_star_shape(const auto& at) {
  const DoubleLanes depth = at.body(2) * at.penetration();
  return at.has_long_body(2) & at.white(2) & at.body_gap_up(1, 2) & (at.body(0) > at.short_body(0)) &
         at.black(0) & (at.close(0) < at.close(2) - depth);
}

/// The same upside down.
LaneMask morning_star_shape(const auto& at) {
  const DoubleLanes depth = at.body(2) * at.penetration();
  return at.has_long_body(2) & at.black(2) & at.body_gap_down(1, 2) & (at.body(0) > at.short_body(0)) &
         at.white(0) & (at.close(0) > at.close(2) + depth);
}

/// A long black candle and a white one that opens below its low.
LaneMask white_from_below(const auto& at) {
  return at.black(1) & at.has_long_body(1) & at.white(0) & (at.open(0) < at.low(1));
}

}  // namespace orrery::plugins::operators
