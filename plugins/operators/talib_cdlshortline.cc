#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlshortline_plugin {
namespace {

struct ShortLine {
  static constexpr const char* kName = "CDLSHORTLINE";
  static constexpr int kLookback = 10;

  static DoubleLanes signal(const auto& at) {
    return where(at.has_short_body(0) & (at.upper_shadow(0) < at.short_shadow(0)) &
                     (at.lower_shadow(0) < at.short_shadow(0)),
                 100.0 * at.color(0));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<ShortLine>(registry, {.summary = "Short line: a short body between short shadows",
                                           .example = {{20.0, 20.75, 19.75, 20.5}},
                                           .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlshortline_plugin
