#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlbelthold_plugin {
namespace {

struct BeltHold {
  static constexpr const char* kName = "CDLBELTHOLD";
  static constexpr int kLookback = 10;

  static DoubleLanes signal(const auto& at) {
    const LaneMask at_end =
        (at.white(0) & at.has_very_short_lower_shadow(0)) | (at.black(0) & at.has_very_short_upper_shadow(0));
    return where(at.has_long_body(0) & at_end, 100.0 * at.color(0));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<BeltHold>(
      registry, {.summary = "Belt-hold: a long body that opens at its low (white) or at its high (black)",
                 .example = {{20.0, 24.0, 19.875, 23.5}},
                 .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlbelthold_plugin
