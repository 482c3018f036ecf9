#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdl3inside_plugin {
namespace {

struct ThreeInside {
  static constexpr const char* kName = "CDL3INSIDE";
  static constexpr int kLookback = 12;

  static DoubleLanes signal(const auto& at) {
    const LaneMask inside = (at.top(1) < at.top(2)) & (at.bottom(1) > at.bottom(2));
    const LaneMask down = at.white(2) & at.black(0) & (at.close(0) < at.open(2));
    const LaneMask up = at.black(2) & at.white(0) & (at.close(0) > at.open(2));
    return where(at.has_long_body(2) & (at.body(1) <= at.short_body(1)) & inside & (down | up),
                 -100.0 * at.color(2));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<ThreeInside>(
      registry, {.summary = "Three inside up or down: a long candle, a short one inside its body, and one "
                            "that closes beyond where the first opened",
                 .example = {{25.0, 25.5, 19.5, 20.0}, {21.0, 22.5, 20.5, 22.0}, {22.0, 27.0, 21.5, 26.0}},
                 .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdl3inside_plugin
