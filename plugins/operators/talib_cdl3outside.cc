#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdl3outside_plugin {
namespace {

struct ThreeOutside {
  static constexpr const char* kName = "CDL3OUTSIDE";
  static constexpr int kLookback = 3;

  static DoubleLanes signal(const auto& at) {
    const LaneMask up = at.white(1) & at.black(2) & (at.close(1) > at.open(2)) & (at.open(1) < at.close(2)) &
                        (at.close(0) > at.close(1));
    const LaneMask down = at.black(1) & at.white(2) & (at.open(1) > at.close(2)) &
                          (at.close(1) < at.open(2)) & (at.close(0) < at.close(1));
    return where(up | down, 100.0 * at.color(1));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<ThreeOutside>(
      registry,
      {.summary = "Three outside up or down: a body that engulfs the one before, and a close further on",
       .example = {{22.0, 22.5, 20.5, 21.0}, {20.5, 24.0, 20.0, 23.0}, {23.0, 26.0, 22.5, 25.0}},
       .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdl3outside_plugin
