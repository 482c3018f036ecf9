#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlxsidegap3methods_plugin {
namespace {

struct GapThreeMethods {
  static constexpr const char* kName = "CDLXSIDEGAP3METHODS";
  static constexpr int kLookback = 2;

  static DoubleLanes signal(const auto& at) {
    const LaneMask colors = at.same_color(2, 1) & at.opposite_color(1, 0);
    const LaneMask fills = (at.open(0) < at.top(1)) & (at.open(0) > at.bottom(1)) &
                           (at.close(0) < at.top(2)) & (at.close(0) > at.bottom(2));
    const LaneMask gap = (at.white(2) & at.body_gap_up(1, 2)) | (at.black(2) & at.body_gap_down(1, 2));
    return where(colors & fills & gap, 100.0 * at.color(2));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<GapThreeMethods>(
      registry,
      {.summary = "Upside or downside gap three methods: two candles with a gap between their bodies, and "
                  "one of the other colour that opens in the second and closes in the first",
       .example = {{20.0, 22.5, 19.5, 22.0}, {23.5, 25.5, 23.0, 25.0}, {24.5, 24.75, 20.75, 21.0}},
       .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlxsidegap3methods_plugin
