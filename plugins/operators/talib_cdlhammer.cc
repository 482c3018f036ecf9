#include "plugins/operators/talib/candle_pattern.h"
#include "plugins/operators/talib/candle_shapes.h"

namespace orrery::plugins::operators::talib_cdlhammer_plugin {
namespace {

struct Hammer {
  static constexpr const char* kName = "CDLHAMMER";
  static constexpr int kLookback = 11;

  static DoubleLanes signal(const auto& at) {
    return bullish(hammer_shape(at) & (at.bottom(0) <= at.low(1) + at.near(1)));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<Hammer>(
      registry,
      {.summary = "Hammer: a short body at the upper end of a long lower shadow, at or below the low before",
       .example = {{20.0, 22.0, 19.0, 21.0}, {18.5, 19.125, 16.0, 19.0}},
       .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlhammer_plugin
