#include "plugins/operators/talib/candle_pattern.h"
#include "plugins/operators/talib/hikkake.h"

namespace orrery::plugins::operators::talib_cdlhikkake_plugin {
namespace {

struct Hikkake {
  static constexpr const char* kName = "CDLHIKKAKE";
  static constexpr int kLookback = 5;

  static DoubleLanes signal(const auto& at) {
    const LaneMask inside = (at.high(1) < at.high(2)) & (at.low(1) > at.low(2));
    return bullish(inside & steps_down(at)) + bearish(inside & steps_up(at));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<Hikkake>(
      registry,
      {.summary = "Hikkake: a false step out of an inside candle, 100 below it and -100 above; 200 and -200 "
                  "where one of the next three candles closes beyond the other side",
       .example = {{20.0, 21.5, 19.5, 21.0}, {20.0, 21.0, 18.0, 18.5}},
       .signal = 100.0},
      lower_hikkake<Hikkake>);
}

}  // namespace orrery::plugins::operators::talib_cdlhikkake_plugin
