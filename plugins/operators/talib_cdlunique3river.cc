#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlunique3river_plugin {
namespace {

struct UniqueThreeRiver {
  static constexpr const char* kName = "CDLUNIQUE3RIVER";
  static constexpr int kLookback = 12;

  static DoubleLanes signal(const auto& at) {
    const LaneMask second =
        at.black(1) & (at.close(1) > at.close(2)) & (at.open(1) <= at.open(2)) & (at.low(1) < at.low(2));
    return bullish(at.has_long_body(2) & at.black(2) & second & at.has_short_body(0) & at.white(0) &
                   (at.open(0) > at.low(1)));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<UniqueThreeRiver>(
      registry, {.summary = "Unique three river: a long black candle, a black one inside its body with a "
                            "lower low, and a short white one above that low",
                 .example = {{25.0, 25.5, 19.5, 20.0}, {23.0, 23.5, 18.0, 21.0}, {18.5, 19.5, 18.25, 19.0}},
                 .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlunique3river_plugin
