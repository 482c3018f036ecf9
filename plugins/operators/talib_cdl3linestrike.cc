#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdl3linestrike_plugin {
namespace {

struct ThreeLineStrike {
  static constexpr const char* kName = "CDL3LINESTRIKE";
  static constexpr int kLookback = 8;

  static DoubleLanes signal(const auto& at) {
    const LaneMask one_color = at.same_color(3, 2) & at.same_color(2, 1) & at.opposite_color(0, 1);
    const LaneMask opens_near =
        (at.open(2) >= at.bottom(3) - at.near(3)) & (at.open(2) <= at.top(3) + at.near(3)) &
        (at.open(1) >= at.bottom(2) - at.near(2)) & (at.open(1) <= at.top(2) + at.near(2));
    const LaneMask rising = at.white(1) & (at.close(1) > at.close(2)) & (at.close(2) > at.close(3)) &
                            (at.open(0) > at.close(1)) & (at.close(0) < at.open(3));
    const LaneMask falling = at.black(1) & (at.close(1) < at.close(2)) & (at.close(2) < at.close(3)) &
                             (at.open(0) < at.close(1)) & (at.close(0) > at.open(3));
    return where(one_color & opens_near & (rising | falling), 100.0 * at.color(1));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<ThreeLineStrike>(registry,
                                      {.summary = "Three-line strike: three candles of one colour in a row "
                                                  "and one of the other colour that takes back all three",
                                       .example = {{20.0, 22.0, 19.5, 21.5},
                                                   {21.0, 23.0, 20.5, 22.5},
                                                   {22.0, 24.0, 21.5, 23.5},
                                                   {24.0, 24.5, 18.0, 19.0}},
                                       .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdl3linestrike_plugin
