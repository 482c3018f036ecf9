#include "plugins/operators/talib/candle_pattern.h"
#include "plugins/operators/talib/candle_shapes.h"

namespace orrery::plugins::operators::talib_cdlmorningstar_plugin {
namespace {

struct MorningStar {
  static constexpr const char* kName = "CDLMORNINGSTAR";
  static constexpr int kLookback = 12;

  static DoubleLanes signal(const auto& at) {
    return bullish(morning_star_shape(at) & (at.body(1) <= at.short_body(1)));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<MorningStar>(
      registry, {.summary = "Morning star: a long black candle, a short body below it, and a white one that "
                            "closes deep in the first one's body",
                 .penetration = 0.3,
                 .example = {{25.0, 25.5, 19.5, 20.0}, {19.0, 19.5, 17.5, 18.0}, {20.0, 24.5, 19.75, 24.0}},
                 .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlmorningstar_plugin
