#include "plugins/operators/talib/candle_pattern.h"
#include "plugins/operators/talib/candle_shapes.h"

namespace orrery::plugins::operators::talib_cdlpiercing_plugin {
namespace {

struct Piercing {
  static constexpr const char* kName = "CDLPIERCING";
  static constexpr int kLookback = 11;

  static DoubleLanes signal(const auto& at) {
    return bullish(white_from_below(at) & at.has_long_body(0) & (at.close(0) < at.open(1)) &
                   (at.close(0) > at.close(1) + at.body(1) * 0.5));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<Piercing>(registry,
                               {.summary = "Piercing: a long black candle, then a long white one that opens "
                                           "below its low and closes above the middle of its body",
                                .example = {{25.0, 25.5, 19.5, 20.0}, {19.0, 24.0, 18.5, 23.5}},
                                .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlpiercing_plugin
