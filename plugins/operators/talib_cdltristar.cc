#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdltristar_plugin {
namespace {

struct Tristar {
  static constexpr const char* kName = "CDLTRISTAR";
  static constexpr int kLookback = 12;

  static DoubleLanes signal(const auto& at) {
    // All three are held against the mean range before the first, as in TA-Lib.
    const LaneMask dojis =
        (at.body(2) <= at.doji_body(2)) & (at.body(1) <= at.doji_body(2)) & (at.body(0) <= at.doji_body(2));
    const LaneMask down = at.body_gap_up(1, 2) & (at.top(0) < at.top(1));
    const LaneMask up = at.body_gap_down(1, 2) & (at.bottom(0) > at.bottom(1));
    return bearish(dojis & down) + bullish(dojis & up);
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<Tristar>(
      registry, {.summary = "Tristar: three doji, the second a gap above (-100) or below (100) the first, "
                            "the third turning back",
                 .example = {{20.0, 20.5, 19.5, 20.0}, {21.0, 21.5, 20.5, 21.0}, {20.5, 21.0, 20.0, 20.5}},
                 .signal = -100.0});
}

}  // namespace orrery::plugins::operators::talib_cdltristar_plugin
