#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlidentical3crows_plugin {
namespace {

struct IdenticalThreeCrows {
  static constexpr const char* kName = "CDLIDENTICAL3CROWS";
  static constexpr int kLookback = 12;

  static DoubleLanes signal(const auto& at) {
    const LaneMask black = at.black(2) & at.black(1) & at.black(0);
    const LaneMask at_lows = at.has_very_short_lower_shadow(2) & at.has_very_short_lower_shadow(1) &
                             at.has_very_short_lower_shadow(0);
    const LaneMask falling = (at.close(2) > at.close(1)) & (at.close(1) > at.close(0));
    return bearish(black & at_lows & falling & within(at.open(1), at.close(2), at.equal(2)) &
                   within(at.open(0), at.close(1), at.equal(1)));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<IdenticalThreeCrows>(
      registry,
      {.summary = "Identical three crows: three black candles with hardly a lower shadow, each opening at "
                  "the close before and closing lower",
       .example = {{27.0, 27.5, 24.875, 25.0}, {25.125, 25.5, 22.875, 23.0}, {23.125, 23.25, 20.875, 21.0}},
       .signal = -100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlidentical3crows_plugin
