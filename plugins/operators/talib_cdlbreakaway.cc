#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlbreakaway_plugin {
namespace {

struct Breakaway {
  static constexpr const char* kName = "CDLBREAKAWAY";
  static constexpr int kLookback = 14;

  static DoubleLanes signal(const auto& at) {
    const LaneMask colors = at.same_color(4, 3) & at.same_color(3, 1) & at.opposite_color(1, 0);
    const LaneMask falling = (at.high(2) < at.high(3)) & (at.low(2) < at.low(3)) & (at.high(1) < at.high(2)) &
                             (at.low(1) < at.low(2));
    const LaneMask rising = (at.high(2) > at.high(3)) & (at.low(2) > at.low(3)) & (at.high(1) > at.high(2)) &
                            (at.low(1) > at.low(2));
    const LaneMask up = at.black(4) & at.body_gap_down(3, 4) & falling & (at.close(0) > at.open(3)) &
                        (at.close(0) < at.close(4));
    const LaneMask down = at.white(4) & at.body_gap_up(3, 4) & rising & (at.close(0) < at.open(3)) &
                          (at.close(0) > at.close(4));
    return where(at.has_long_body(4) & colors & (up | down), 100.0 * at.color(0));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<Breakaway>(registry, {.summary = "Breakaway: a long candle, a gap and two more candles "
                                                      "its way, then one back that closes within the gap",
                                           .example = {{25.0, 25.5, 20.0, 20.5},
                                                       {20.0, 20.25, 18.5, 19.0},
                                                       {19.0, 19.5, 17.5, 18.0},
                                                       {18.0, 18.5, 16.0, 16.5},
                                                       {17.0, 20.5, 16.5, 20.25}},
                                           .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlbreakaway_plugin
