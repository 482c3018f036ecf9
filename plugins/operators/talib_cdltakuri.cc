#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdltakuri_plugin {
namespace {

struct Takuri {
  static constexpr const char* kName = "CDLTAKURI";
  static constexpr int kLookback = 10;

  static DoubleLanes signal(const auto& at) {
    return bullish(at.is_doji(0) & at.has_very_short_upper_shadow(0) &
                   (at.lower_shadow(0) > at.very_long_shadow(0)));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<Takuri>(
      registry, {.summary = "Takuri: a doji at the upper end of its range, on a very long lower shadow",
                 .example = {{20.0, 20.125, 16.0, 20.0}},
                 .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdltakuri_plugin
