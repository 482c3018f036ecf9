#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlstalledpattern_plugin {
namespace {

struct StalledPattern {
  static constexpr const char* kName = "CDLSTALLEDPATTERN";
  static constexpr int kLookback = 12;

  static DoubleLanes signal(const auto& at) {
    const LaneMask white = at.white(2) & at.white(1) & at.white(0);
    const LaneMask rising = (at.close(0) > at.close(1)) & (at.close(1) > at.close(2));
    const LaneMask second = at.has_long_body(1) & at.has_very_short_upper_shadow(1) &
                            (at.open(1) > at.open(2)) & (at.open(1) <= at.close(2) + at.near(2));
    const LaneMask third = at.has_short_body(0) & (at.open(0) >= at.close(1) - at.body(0) - at.near(1));
    return bearish(white & rising & at.has_long_body(2) & second & third);
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<StalledPattern>(
      registry,
      {.summary =
           "Stalled pattern: two long white candles and a short one that rides on the second one's shoulder",
       .example = {{20.0, 24.5, 19.5, 24.0}, {23.0, 27.125, 22.5, 27.0}, {27.0, 28.0, 26.75, 27.5}},
       .signal = -100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlstalledpattern_plugin
