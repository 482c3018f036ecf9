#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlgravestonedoji_plugin {
namespace {

struct GravestoneDoji {
  static constexpr const char* kName = "CDLGRAVESTONEDOJI";
  static constexpr int kLookback = 10;

  static DoubleLanes signal(const auto& at) {
    return bullish(at.is_doji(0) & at.has_very_short_lower_shadow(0) &
                   (at.upper_shadow(0) > at.very_short_shadow(0)));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<GravestoneDoji>(registry,
                                     {.summary = "Gravestone doji: a doji at the lower end of its range",
                                      .example = {{20.0, 23.0, 19.875, 20.0}},
                                      .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlgravestonedoji_plugin
