#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlmatchinglow_plugin {
namespace {

struct MatchingLow {
  static constexpr const char* kName = "CDLMATCHINGLOW";
  static constexpr int kLookback = 6;

  static DoubleLanes signal(const auto& at) {
    return bullish(at.black(1) & at.black(0) & within(at.close(0), at.close(1), at.equal(1)));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<MatchingLow>(registry,
                                  {.summary = "Matching low: two black candles with nearly the same close",
                                   .example = {{22.0, 22.5, 19.5, 20.0}, {21.5, 22.0, 19.5, 20.125}},
                                   .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlmatchinglow_plugin
