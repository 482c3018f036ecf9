#include "plugins/operators/talib/candle_pattern.h"
#include "plugins/operators/talib/candle_shapes.h"

namespace orrery::plugins::operators::talib_cdlkicking_plugin {
namespace {

struct Kicking {
  static constexpr const char* kName = "CDLKICKING";
  static constexpr int kLookback = 11;

  static DoubleLanes signal(const auto& at) { return where(kicking_shape(at), 100.0 * at.color(0)); }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<Kicking>(
      registry,
      {.summary =
           "Kicking: two marubozu of opposite colour with a gap between them, in the second one's direction",
       .example = {{25.0, 25.125, 20.875, 21.0}, {26.0, 30.125, 25.875, 30.0}},
       .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlkicking_plugin
