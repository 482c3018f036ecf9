#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdl3whitesoldiers_plugin {
namespace {

struct ThreeWhiteSoldiers {
  static constexpr const char* kName = "CDL3WHITESOLDIERS";
  static constexpr int kLookback = 12;

  static DoubleLanes signal(const auto& at) {
    const LaneMask white = at.white(2) & at.white(1) & at.white(0);
    const LaneMask at_highs = at.has_very_short_upper_shadow(2) & at.has_very_short_upper_shadow(1) &
                              at.has_very_short_upper_shadow(0);
    const LaneMask rising = (at.close(0) > at.close(1)) & (at.close(1) > at.close(2));
    const LaneMask opens_near = (at.open(1) > at.open(2)) & (at.open(1) <= at.close(2) + at.near(2)) &
                                (at.open(0) > at.open(1)) & (at.open(0) <= at.close(1) + at.near(1));
    const LaneMask not_weaker = (at.body(1) > at.body(2) - at.far(2)) &
                                (at.body(0) > at.body(1) - at.far(1)) & (at.body(0) > at.short_body(0));
    return bullish(white & at_highs & rising & opens_near & not_weaker);
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<ThreeWhiteSoldiers>(
      registry,
      {.summary = "Three white soldiers: three white candles with hardly an upper shadow, each opening "
                  "within or near the body before and closing higher",
       .example = {{20.0, 22.125, 19.75, 22.0}, {21.0, 24.125, 20.75, 24.0}, {23.0, 26.125, 22.75, 26.0}},
       .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdl3whitesoldiers_plugin
