#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlconcealbabyswall_plugin {
namespace {

struct ConcealingBabySwallow {
  static constexpr const char* kName = "CDLCONCEALBABYSWALL";
  static constexpr int kLookback = 13;

  static DoubleLanes signal(const auto& at) {
    const LaneMask black = at.black(3) & at.black(2) & at.black(1) & at.black(0);
    const LaneMask no_shadows = at.has_very_short_lower_shadow(3) & at.has_very_short_upper_shadow(3) &
                                at.has_very_short_lower_shadow(2) & at.has_very_short_upper_shadow(2);
    const LaneMask reaches_up =
        at.body_gap_down(1, 2) & (at.upper_shadow(1) > at.very_short_shadow(1)) & (at.high(1) > at.close(2));
    return bullish(black & no_shadows & reaches_up & (at.high(0) > at.high(1)) & (at.low(0) < at.low(1)));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<ConcealingBabySwallow>(
      registry, {.summary = "Concealing baby swallow: two black candles without shadows, a third that opens "
                            "a gap lower but reaches back up, and a fourth that engulfs it whole",
                 .example = {{26.0, 26.125, 22.875, 23.0},
                             {23.0, 23.125, 19.875, 20.0},
                             {19.0, 21.0, 17.0, 17.5},
                             {22.0, 22.5, 16.0, 16.5}},
                 .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlconcealbabyswall_plugin
