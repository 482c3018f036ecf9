#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlmathold_plugin {
namespace {

struct MatHold {
  static constexpr const char* kName = "CDLMATHOLD";
  static constexpr int kLookback = 14;

  static DoubleLanes signal(const auto& at) {
    const DoubleLanes floor = at.close(4) - at.body(4) * at.penetration();
    const LaneMask short_bodies = at.has_short_body(3) & at.has_short_body(2) & at.has_short_body(1);
    const LaneMask enters = (at.bottom(2) < at.close(4)) & (at.bottom(1) < at.close(4));
    const LaneMask holds = (at.bottom(2) > floor) & (at.bottom(1) > floor);
    const LaneMask falling = (at.top(2) < at.open(3)) & (at.top(1) < at.top(2));
    const LaneMask new_high =
        (at.close(0) > at.high(3)) & (at.close(0) > at.high(2)) & (at.close(0) > at.high(1));
    return bullish(at.has_long_body(4) & short_bodies & at.white(4) & at.black(3) & at.white(0) &
                   at.body_gap_up(3, 4) & enters & holds & falling & (at.open(0) > at.close(1)) & new_high);
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<MatHold>(registry,
                              {.summary = "Mat hold: a long white candle, three short ones that hold most of "
                                          "its body, the first a gap above, then a white one to new highs",
                               .penetration = 0.5,
                               .example = {{20.0, 26.5, 19.5, 26.0},
                                           {27.5, 28.0, 26.75, 27.0},
                                           {26.25, 26.75, 25.25, 25.75},
                                           {25.75, 26.0, 24.75, 25.25},
                                           {26.0, 29.5, 25.5, 29.0}},
                               .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlmathold_plugin
