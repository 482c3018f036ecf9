#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdltasukigap_plugin {
namespace {

struct TasukiGap {
  static constexpr const char* kName = "CDLTASUKIGAP";
  static constexpr int kLookback = 7;

  static DoubleLanes signal(const auto& at) {
    const LaneMask alike = kernels::absolute_lanes(at.body(1) - at.body(0)) < at.near(1);
    const LaneMask up = at.body_gap_up(1, 2) & at.white(1) & at.black(0) & (at.open(0) < at.close(1)) &
                        (at.open(0) > at.open(1)) & (at.close(0) < at.open(1)) & (at.close(0) > at.top(2));
    const LaneMask down = at.body_gap_down(1, 2) & at.black(1) & at.white(0) & (at.open(0) < at.open(1)) &
                          (at.open(0) > at.close(1)) & (at.close(0) > at.open(1)) &
                          (at.close(0) < at.bottom(2));
    return where((up | down) & alike, 100.0 * at.color(1));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<TasukiGap>(
      registry, {.summary = "Tasuki gap: two candles with a gap between their bodies, and one of the other "
                            "colour, as long as the second, that closes within the gap",
                 .example = {{20.0, 22.5, 19.5, 22.0}, {23.5, 25.5, 23.0, 25.0}, {24.5, 25.0, 22.25, 22.75}},
                 .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdltasukigap_plugin
