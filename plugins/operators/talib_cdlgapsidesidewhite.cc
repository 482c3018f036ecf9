#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlgapsidesidewhite_plugin {
namespace {

struct GapSideSideWhite {
  static constexpr const char* kName = "CDLGAPSIDESIDEWHITE";
  static constexpr int kLookback = 7;

  static DoubleLanes signal(const auto& at) {
    const LaneMask up = at.body_gap_up(1, 2) & at.body_gap_up(0, 2);
    const LaneMask down = at.body_gap_down(1, 2) & at.body_gap_down(0, 2);
    const LaneMask alike =
        within(at.body(0), at.body(1), at.near(1)) & within(at.open(0), at.open(1), at.equal(1));
    return where(at.white(1) & at.white(0) & alike & (up | down),
                 at.body_gap_up(1, 2) ? all_lanes(100.0) : all_lanes(-100.0));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<GapSideSideWhite>(
      registry,
      {.summary = "Side-by-side white lines: two alike white candles side by side, a gap above (100) or "
                  "below (-100) the candle before",
       .example = {{20.0, 22.5, 19.5, 22.0}, {24.0, 26.5, 23.5, 26.0}, {24.125, 26.5, 23.5, 26.125}},
       .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlgapsidesidewhite_plugin
