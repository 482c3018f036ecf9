#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlrickshawman_plugin {
namespace {

struct RickshawMan {
  static constexpr const char* kName = "CDLRICKSHAWMAN";
  static constexpr int kLookback = 10;

  static DoubleLanes signal(const auto& at) {
    const DoubleLanes middle = at.low(0) + at.range(0) / 2.0;
    const LaneMask central = (at.bottom(0) <= middle + at.near(0)) & (at.top(0) >= middle - at.near(0));
    return bullish(at.is_doji(0) & (at.lower_shadow(0) > at.long_shadow(0)) &
                   (at.upper_shadow(0) > at.long_shadow(0)) & central);
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<RickshawMan>(
      registry,
      {.summary = "Rickshaw man: a doji with two long shadows and its body near the middle of its range",
       .example = {{20.0, 21.5, 18.5, 20.125}},
       .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlrickshawman_plugin
