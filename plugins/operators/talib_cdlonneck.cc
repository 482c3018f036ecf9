#include "plugins/operators/talib/candle_pattern.h"
#include "plugins/operators/talib/candle_shapes.h"

namespace orrery::plugins::operators::talib_cdlonneck_plugin {
namespace {

struct OnNeck {
  static constexpr const char* kName = "CDLONNECK";
  static constexpr int kLookback = 11;

  static DoubleLanes signal(const auto& at) {
    return bearish(white_from_below(at) & within(at.close(0), at.low(1), at.equal(1)));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<OnNeck>(
      registry,
      {.summary = "On-neck: a long black candle, then a white one that opens below its low and closes at it",
       .example = {{25.0, 25.5, 19.5, 20.0}, {18.0, 19.75, 17.5, 19.625}},
       .signal = -100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlonneck_plugin
