#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdllongleggeddoji_plugin {
namespace {

struct LongLeggedDoji {
  static constexpr const char* kName = "CDLLONGLEGGEDDOJI";
  static constexpr int kLookback = 10;

  static DoubleLanes signal(const auto& at) {
    return bullish(at.is_doji(0) &
                   ((at.lower_shadow(0) > at.long_shadow(0)) | (at.upper_shadow(0) > at.long_shadow(0))));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<LongLeggedDoji>(
      registry, {.summary = "Long-legged doji: a doji with a shadow longer than its body",
                 .example = {{20.0, 22.0, 18.0, 20.125}},
                 .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdllongleggeddoji_plugin
