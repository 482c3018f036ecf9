#include "plugins/operators/talib/candle_pattern.h"
#include "plugins/operators/talib/candle_shapes.h"

namespace orrery::plugins::operators::talib_cdlinvertedhammer_plugin {
namespace {

struct InvertedHammer {
  static constexpr const char* kName = "CDLINVERTEDHAMMER";
  static constexpr int kLookback = 11;

  static DoubleLanes signal(const auto& at) {
    return bullish(inverted_hammer_shape(at) & at.body_gap_down(0, 1));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<InvertedHammer>(registry,
                                     {.summary = "Inverted hammer: a short body at the lower end of a long "
                                                 "upper shadow, a gap below the body before",
                                      .example = {{20.0, 22.0, 19.0, 21.0}, {19.0, 21.0, 18.875, 19.5}},
                                      .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlinvertedhammer_plugin
