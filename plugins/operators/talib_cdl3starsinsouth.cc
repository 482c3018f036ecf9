#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdl3starsinsouth_plugin {
namespace {

struct ThreeStarsInSouth {
  static constexpr const char* kName = "CDL3STARSINSOUTH";
  static constexpr int kLookback = 12;

  static DoubleLanes signal(const auto& at) {
    const LaneMask first = at.has_long_body(2) & (at.lower_shadow(2) > at.long_shadow(2));
    const LaneMask second = (at.body(1) < at.body(2)) & (at.open(1) > at.close(2)) &
                            (at.open(1) <= at.high(2)) & (at.low(1) < at.close(2)) &
                            (at.low(1) >= at.low(2)) & (at.lower_shadow(1) > at.very_short_shadow(1));
    const LaneMask third = at.has_short_body(0) & at.has_very_short_lower_shadow(0) &
                           at.has_very_short_upper_shadow(0) & (at.low(0) > at.low(1)) &
                           (at.high(0) < at.high(1));
    return bullish(at.black(2) & at.black(1) & at.black(0) & first & second & third);
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<ThreeStarsInSouth>(
      registry, {.summary = "Three stars in the south: a long black candle with a long lower shadow, a "
                            "smaller one like it, and a short one without shadows inside",
                 .example = {{30.0, 30.5, 12.0, 24.0}, {27.0, 27.5, 14.0, 24.0}, {22.0, 22.25, 20.75, 21.0}},
                 .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdl3starsinsouth_plugin
