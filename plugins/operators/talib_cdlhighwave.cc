#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlhighwave_plugin {
namespace {

struct HighWave {
  static constexpr const char* kName = "CDLHIGHWAVE";
  static constexpr int kLookback = 10;

  static DoubleLanes signal(const auto& at) {
    return where(at.has_short_body(0) & (at.upper_shadow(0) > at.very_long_shadow(0)) &
                     (at.lower_shadow(0) > at.very_long_shadow(0)),
                 100.0 * at.color(0));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<HighWave>(registry, {.summary = "High wave: a short body between very long shadows",
                                          .example = {{20.0, 22.0, 18.5, 20.5}},
                                          .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlhighwave_plugin
