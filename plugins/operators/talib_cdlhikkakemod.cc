#include "plugins/operators/talib/candle_pattern.h"
#include "plugins/operators/talib/hikkake.h"

namespace orrery::plugins::operators::talib_cdlhikkakemod_plugin {
namespace {

struct ModifiedHikkake {
  static constexpr const char* kName = "CDLHIKKAKEMOD";
  static constexpr int kLookback = 10;

  static DoubleLanes signal(const auto& at) {
    const LaneMask inside = (at.high(2) < at.high(3)) & (at.low(2) > at.low(3)) & (at.high(1) < at.high(2)) &
                            (at.low(1) > at.low(2));
    const LaneMask closes_low = at.close(2) <= at.low(2) + at.near(2);
    const LaneMask closes_high = at.close(2) >= at.high(2) - at.near(2);
    return bullish(inside & closes_low & steps_down(at)) + bearish(inside & closes_high & steps_up(at));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<ModifiedHikkake>(
      registry,
      {.summary = "Modified hikkake: a false step out of two candles inside one another, the first closing "
                  "near its end, 100 below them and -100 above; 200 and -200 where one of the next three "
                  "candles closes beyond the other side",
       .example = {{20.5, 21.75, 19.25, 19.5}, {20.0, 21.0, 19.75, 20.5}, {20.0, 20.75, 18.5, 19.0}},
       .signal = 100.0},
      lower_hikkake<ModifiedHikkake>);
}

}  // namespace orrery::plugins::operators::talib_cdlhikkakemod_plugin
