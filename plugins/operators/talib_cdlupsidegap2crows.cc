#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlupsidegap2crows_plugin {
namespace {

struct UpsideGapTwoCrows {
  static constexpr const char* kName = "CDLUPSIDEGAP2CROWS";
  static constexpr int kLookback = 12;

  static DoubleLanes signal(const auto& at) {
    const LaneMask second = at.black(1) & (at.body(1) <= at.short_body(1)) & at.body_gap_up(1, 2);
    return bearish(at.white(2) & at.has_long_body(2) & second & at.black(0) & (at.open(0) > at.open(1)) &
                   (at.close(0) < at.close(1)) & (at.close(0) > at.close(2)));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<UpsideGapTwoCrows>(
      registry, {.summary = "Upside gap two crows: a long white candle, a short black body above it, and a "
                            "black one that engulfs that but keeps the gap",
                 .example = {{20.0, 25.5, 19.5, 25.0}, {27.0, 27.5, 25.75, 26.0}, {27.5, 28.0, 25.125, 25.5}},
                 .signal = -100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlupsidegap2crows_plugin
