#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdldoji_plugin {
namespace {

struct Doji {
  static constexpr const char* kName = "CDLDOJI";
  static constexpr int kLookback = 10;

  static DoubleLanes signal(const auto& at) { return bullish(at.is_doji(0)); }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<Doji>(registry, {.summary = "Doji: open and close are nearly the same, a body of at "
                                                 "most a tenth of the mean range of the ten candles before",
                                      .example = {{20.0, 21.5, 19.0, 20.125}},
                                      .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdldoji_plugin
