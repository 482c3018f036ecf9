#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlrisefall3methods_plugin {
namespace {

struct RiseFallThreeMethods {
  static constexpr const char* kName = "CDLRISEFALL3METHODS";
  static constexpr int kLookback = 14;

  static DoubleLanes signal(const auto& at) {
    const DoubleLanes color = at.color(4);
    const LaneMask bodies = at.has_long_body(4) & at.has_short_body(3) & at.has_short_body(2) &
                            at.has_short_body(1) & at.has_long_body(0);
    const LaneMask colors =
        at.opposite_color(4, 3) & at.same_color(3, 2) & at.same_color(2, 1) & at.opposite_color(1, 0);
    const LaneMask held = (at.bottom(3) < at.high(4)) & (at.top(3) > at.low(4)) &
                          (at.bottom(2) < at.high(4)) & (at.top(2) > at.low(4)) &
                          (at.bottom(1) < at.high(4)) & (at.top(1) > at.low(4));
    const LaneMask against =
        (at.close(2) * color < at.close(3) * color) & (at.close(1) * color < at.close(2) * color);
    const LaneMask onward =
        (at.open(0) * color > at.close(1) * color) & (at.close(0) * color > at.close(4) * color);
    return where(bodies & colors & held & against & onward, 100.0 * color);
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<RiseFallThreeMethods>(
      registry, {.summary = "Rising or falling three methods: a long candle, three short ones against it "
                            "within its range, and a long one on to a new close",
                 .example = {{20.0, 26.5, 19.5, 26.0},
                             {25.5, 26.0, 24.5, 25.0},
                             {25.0, 25.25, 23.75, 24.5},
                             {24.5, 24.75, 23.25, 24.0},
                             {24.5, 28.0, 24.0, 27.5}},
                 .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlrisefall3methods_plugin
