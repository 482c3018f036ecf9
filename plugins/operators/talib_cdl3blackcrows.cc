#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdl3blackcrows_plugin {
namespace {

struct ThreeBlackCrows {
  static constexpr const char* kName = "CDL3BLACKCROWS";
  static constexpr int kLookback = 13;

  static DoubleLanes signal(const auto& at) {
    const LaneMask black = at.black(2) & at.black(1) & at.black(0);
    const LaneMask at_lows = at.has_very_short_lower_shadow(2) & at.has_very_short_lower_shadow(1) &
                             at.has_very_short_lower_shadow(0);
    const LaneMask opens_within = (at.open(1) < at.open(2)) & (at.open(1) > at.close(2)) &
                                  (at.open(0) < at.open(1)) & (at.open(0) > at.close(1));
    return bearish(at.white(3) & black & at_lows & opens_within & (at.high(3) > at.close(2)) &
                   (at.close(2) > at.close(1)) & (at.close(1) > at.close(0)));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<ThreeBlackCrows>(
      registry, {.summary = "Three black crows: three black candles with hardly a lower shadow after a white "
                            "one, each opening within the body before and closing lower",
                 .example = {{20.0, 25.0, 19.5, 24.0},
                             {24.0, 24.25, 21.875, 22.0},
                             {23.0, 23.25, 19.875, 20.0},
                             {21.0, 21.25, 17.875, 18.0}},
                 .signal = -100.0});
}

}  // namespace orrery::plugins::operators::talib_cdl3blackcrows_plugin
