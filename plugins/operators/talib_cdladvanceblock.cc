#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdladvanceblock_plugin {
namespace {

struct AdvanceBlock {
  static constexpr const char* kName = "CDLADVANCEBLOCK";
  static constexpr int kLookback = 12;

  static DoubleLanes signal(const auto& at) {
    const LaneMask white = at.white(2) & at.white(1) & at.white(0);
    const LaneMask rising = (at.close(0) > at.close(1)) & (at.close(1) > at.close(2));
    const LaneMask opens_near = (at.open(1) > at.open(2)) & (at.open(1) <= at.close(2) + at.near(2)) &
                                (at.open(0) > at.open(1)) & (at.open(0) <= at.close(1) + at.near(1));
    const LaneMask strong_first = at.has_long_body(2) & (at.upper_shadow(2) < at.short_shadow(2));
    const LaneMask blocked_second =
        (at.body(1) < at.body(2) - at.far(2)) & (at.body(0) < at.body(1) + at.near(1));
    const LaneMask blocked_third = at.body(0) < at.body(1) - at.far(1);
    const LaneMask shadows =
        (at.upper_shadow(0) > at.short_shadow(0)) | (at.upper_shadow(1) > at.short_shadow(1));
    const LaneMask shrinking = (at.body(0) < at.body(1)) & (at.body(1) < at.body(2)) & shadows;
    const LaneMask rejected = (at.body(0) < at.body(1)) & (at.upper_shadow(0) > at.long_shadow(0));
    return bearish(white & rising & opens_near & strong_first &
                   (blocked_second | blocked_third | shrinking | rejected));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<AdvanceBlock>(
      registry, {.summary = "Advance block: three white candles with higher closes whose bodies shrink or "
                            "whose upper shadows grow",
                 .example = {{20.0, 25.5, 19.5, 25.0}, {24.0, 27.0, 23.5, 26.5}, {26.0, 28.5, 25.5, 27.0}},
                 .signal = -100.0});
}

}  // namespace orrery::plugins::operators::talib_cdladvanceblock_plugin
