#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlladderbottom_plugin {
namespace {

struct LadderBottom {
  static constexpr const char* kName = "CDLLADDERBOTTOM";
  static constexpr int kLookback = 14;

  static DoubleLanes signal(const auto& at) {
    const LaneMask falling = (at.open(4) > at.open(3)) & (at.open(3) > at.open(2)) &
                             (at.close(4) > at.close(3)) & (at.close(3) > at.close(2));
    const LaneMask fourth = at.black(1) & (at.upper_shadow(1) > at.very_short_shadow(1));
    return bullish(at.black(4) & at.black(3) & at.black(2) & falling & fourth & at.white(0) &
                   (at.open(0) > at.open(1)) & (at.close(0) > at.high(1)));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<LadderBottom>(
      registry, {.summary = "Ladder bottom: three black candles with lower opens and closes, a fourth with "
                            "an upper shadow, then a white one that closes above it",
                 .example = {{30.0, 30.5, 27.5, 28.0},
                             {28.5, 29.0, 25.5, 26.0},
                             {26.5, 27.0, 23.5, 24.0},
                             {24.0, 25.5, 21.5, 22.0},
                             {24.5, 27.0, 24.0, 26.5}},
                 .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlladderbottom_plugin
