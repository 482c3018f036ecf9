#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlsticksandwich_plugin {
namespace {

struct StickSandwich {
  static constexpr const char* kName = "CDLSTICKSANDWICH";
  static constexpr int kLookback = 7;

  static DoubleLanes signal(const auto& at) {
    return bullish(at.black(2) & at.white(1) & at.black(0) & (at.low(1) > at.close(2)) &
                   within(at.close(0), at.close(2), at.equal(2)));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<StickSandwich>(
      registry, {.summary = "Stick sandwich: two black candles with nearly the same close, and a white one "
                            "between them whose low lies above it",
                 .example = {{22.0, 22.5, 19.5, 20.0}, {20.5, 23.0, 20.25, 22.5}, {22.5, 23.0, 19.5, 20.125}},
                 .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlsticksandwich_plugin
