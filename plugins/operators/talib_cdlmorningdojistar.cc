#include "plugins/operators/talib/candle_pattern.h"
#include "plugins/operators/talib/candle_shapes.h"

namespace orrery::plugins::operators::talib_cdlmorningdojistar_plugin {
namespace {

struct MorningDojiStar {
  static constexpr const char* kName = "CDLMORNINGDOJISTAR";
  static constexpr int kLookback = 12;

  static DoubleLanes signal(const auto& at) { return bullish(morning_star_shape(at) & at.is_doji(1)); }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<MorningDojiStar>(
      registry, {.summary = "Morning doji star: a long black candle, a doji below it, and a white one that "
                            "closes deep in the first one's body",
                 .penetration = 0.3,
                 .example = {{25.0, 25.5, 19.5, 20.0}, {19.0, 19.5, 18.5, 18.875}, {20.0, 24.5, 19.75, 24.0}},
                 .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlmorningdojistar_plugin
