#pragma once

#include "orrery/factor/kernels/lanes.h"

namespace orrery::plugins::operators {

using kernels::all_lanes;
using kernels::DoubleLanes;
using LaneMask = decltype(DoubleLanes{} < DoubleLanes{});

/// What is kept of a candle: its prices, and the means over the candles before it that settings are made of.
enum class CandlePart { kOpen, kHigh, kLow, kClose, kMeanBody, kMeanRange, kMeanShadows, kMeanRangeOfFive };

/// What candlestick patterns are written in: the last candles of four instruments side by side, `ago` = 0
/// being the row's own, counted in rows on which nothing is missing. Words and settings are TA-Lib's defaults
/// (ta_global.c): the mean of the ten candles before, of five for `near`, `far` and `equal`.
/// `Source` gives the parts: `of(CandlePart, int ago)` and `penetration()`.
template <class Source>
class CandleView {
 public:
  explicit CandleView(const Source& source) : source_(source) {}

  DoubleLanes open(int ago) const { return source_.of(CandlePart::kOpen, ago); }
  DoubleLanes high(int ago) const { return source_.of(CandlePart::kHigh, ago); }
  DoubleLanes low(int ago) const { return source_.of(CandlePart::kLow, ago); }
  DoubleLanes close(int ago) const { return source_.of(CandlePart::kClose, ago); }
  /// The pattern's own argument.
  DoubleLanes penetration() const { return all_lanes(source_.penetration()); }

  LaneMask white(int ago) const { return close(ago) >= open(ago); }
  LaneMask black(int ago) const { return close(ago) < open(ago); }
  /// 1 for white, -1 for black.
  DoubleLanes color(int ago) const { return white(ago) ? all_lanes(1.0) : all_lanes(-1.0); }
  LaneMask same_color(int a, int b) const { return color(a) == color(b); }
  LaneMask opposite_color(int a, int b) const { return color(a) != color(b); }

  /// The body's ends.
  DoubleLanes top(int ago) const { return white(ago) ? close(ago) : open(ago); }
  DoubleLanes bottom(int ago) const { return white(ago) ? open(ago) : close(ago); }
  DoubleLanes body(int ago) const { return kernels::absolute_lanes(close(ago) - open(ago)); }
  DoubleLanes range(int ago) const { return high(ago) - low(ago); }
  DoubleLanes upper_shadow(int ago) const { return high(ago) - top(ago); }
  DoubleLanes lower_shadow(int ago) const { return bottom(ago) - low(ago); }

  /// The later candle's body lies above, or below, the earlier one's.
  LaneMask body_gap_up(int later, int earlier) const { return bottom(later) > top(earlier); }
  LaneMask body_gap_down(int later, int earlier) const { return top(later) < bottom(earlier); }
  /// The same with the shadows.
  LaneMask gap_up(int later, int earlier) const { return low(later) > high(earlier); }
  LaneMask gap_down(int later, int earlier) const { return high(later) < low(earlier); }

  /// What a body of the candle must exceed, or stay under, to be called so.
  DoubleLanes long_body(int ago) const { return source_.of(CandlePart::kMeanBody, ago); }
  DoubleLanes short_body(int ago) const { return source_.of(CandlePart::kMeanBody, ago); }
  DoubleLanes doji_body(int ago) const { return 0.1 * source_.of(CandlePart::kMeanRange, ago); }
  /// The same of its shadows.
  DoubleLanes long_shadow(int ago) const { return body(ago); }
  DoubleLanes very_long_shadow(int ago) const { return 2.0 * body(ago); }
  DoubleLanes short_shadow(int ago) const { return source_.of(CandlePart::kMeanShadows, ago) / 2.0; }
  DoubleLanes very_short_shadow(int ago) const { return 0.1 * source_.of(CandlePart::kMeanRange, ago); }
  /// Distances from the candle.
  DoubleLanes near(int ago) const { return 0.2 * source_.of(CandlePart::kMeanRangeOfFive, ago); }
  DoubleLanes far(int ago) const { return 0.6 * source_.of(CandlePart::kMeanRangeOfFive, ago); }
  DoubleLanes equal(int ago) const { return 0.05 * source_.of(CandlePart::kMeanRangeOfFive, ago); }

  LaneMask has_long_body(int ago) const { return body(ago) > long_body(ago); }
  LaneMask has_short_body(int ago) const { return body(ago) < short_body(ago); }
  LaneMask is_doji(int ago) const { return body(ago) <= doji_body(ago); }
  LaneMask has_very_short_upper_shadow(int ago) const { return upper_shadow(ago) < very_short_shadow(ago); }
  LaneMask has_very_short_lower_shadow(int ago) const { return lower_shadow(ago) < very_short_shadow(ago); }
  LaneMask is_marubozu(int ago) const {
    return has_long_body(ago) & has_very_short_upper_shadow(ago) & has_very_short_lower_shadow(ago);
  }

 private:
  const Source& source_;
};

/// The value lies within the distance of the center.
inline LaneMask within(DoubleLanes value, DoubleLanes center, DoubleLanes distance) {
  return (value <= center + distance) & (value >= center - distance);
}

/// The signal where the pattern is found, 0 elsewhere.
inline DoubleLanes where(LaneMask found, DoubleLanes signal) { return found ? signal : DoubleLanes{}; }
inline DoubleLanes bullish(LaneMask found) { return where(found, all_lanes(100.0)); }
inline DoubleLanes bearish(LaneMask found) { return where(found, all_lanes(-100.0)); }

}  // namespace orrery::plugins::operators
