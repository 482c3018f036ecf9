#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlabandonedbaby_plugin {
namespace {

struct AbandonedBaby {
  static constexpr const char* kName = "CDLABANDONEDBABY";
  static constexpr int kLookback = 12;

  static DoubleLanes signal(const auto& at) {
    const DoubleLanes depth = at.body(2) * at.penetration();
    const LaneMask down =
        at.white(2) & at.black(0) & (at.close(0) < at.close(2) - depth) & at.gap_up(1, 2) & at.gap_down(0, 1);
    const LaneMask up =
        at.black(2) & at.white(0) & (at.close(0) > at.close(2) + depth) & at.gap_down(1, 2) & at.gap_up(0, 1);
    return where(at.has_long_body(2) & at.is_doji(1) & (at.body(0) > at.short_body(0)) & (down | up),
                 100.0 * at.color(0));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<AbandonedBaby>(
      registry, {.summary = "Abandoned baby: a long candle, a doji a whole gap away, and a candle a gap back "
                            "that closes deep in the first one's body",
                 .penetration = 0.3,
                 .example = {{20.0, 26.0, 19.5, 25.5}, {27.0, 27.5, 26.5, 27.0}, {26.0, 26.25, 21.0, 22.0}},
                 .signal = -100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlabandonedbaby_plugin
