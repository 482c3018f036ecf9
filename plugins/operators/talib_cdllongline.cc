#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdllongline_plugin {
namespace {

struct LongLine {
  static constexpr const char* kName = "CDLLONGLINE";
  static constexpr int kLookback = 10;

  static DoubleLanes signal(const auto& at) {
    return where(at.has_long_body(0) & (at.upper_shadow(0) < at.short_shadow(0)) &
                     (at.lower_shadow(0) < at.short_shadow(0)),
                 100.0 * at.color(0));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<LongLine>(registry, {.summary = "Long line: a long body between short shadows",
                                          .example = {{20.0, 24.25, 19.75, 24.0}},
                                          .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdllongline_plugin
