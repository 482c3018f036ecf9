#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlclosingmarubozu_plugin {
namespace {

struct ClosingMarubozu {
  static constexpr const char* kName = "CDLCLOSINGMARUBOZU";
  static constexpr int kLookback = 10;

  static DoubleLanes signal(const auto& at) {
    const LaneMask at_end =
        (at.white(0) & at.has_very_short_upper_shadow(0)) | (at.black(0) & at.has_very_short_lower_shadow(0));
    return where(at.has_long_body(0) & at_end, 100.0 * at.color(0));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<ClosingMarubozu>(
      registry,
      {.summary = "Closing marubozu: a long body that closes at its high (white) or at its low (black)",
       .example = {{20.0, 23.625, 19.0, 23.5}},
       .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlclosingmarubozu_plugin
