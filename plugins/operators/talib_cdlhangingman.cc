#include "plugins/operators/talib/candle_pattern.h"
#include "plugins/operators/talib/candle_shapes.h"

namespace orrery::plugins::operators::talib_cdlhangingman_plugin {
namespace {

struct HangingMan {
  static constexpr const char* kName = "CDLHANGINGMAN";
  static constexpr int kLookback = 11;

  static DoubleLanes signal(const auto& at) {
    return bearish(hammer_shape(at) & (at.bottom(0) >= at.high(1) - at.near(1)));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<HangingMan>(
      registry,
      {.summary =
           "Hanging man: a short body at the upper end of a long lower shadow, at or above the high before",
       .example = {{20.0, 22.0, 19.0, 21.0}, {22.0, 22.625, 19.5, 22.5}},
       .signal = -100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlhangingman_plugin
