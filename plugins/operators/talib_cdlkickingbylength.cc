#include "plugins/operators/talib/candle_pattern.h"
#include "plugins/operators/talib/candle_shapes.h"

namespace orrery::plugins::operators::talib_cdlkickingbylength_plugin {
namespace {

struct KickingByLength {
  static constexpr const char* kName = "CDLKICKINGBYLENGTH";
  static constexpr int kLookback = 11;

  static DoubleLanes signal(const auto& at) {
    return where(kicking_shape(at), 100.0 * (at.body(0) > at.body(1) ? at.color(0) : at.color(1)));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<KickingByLength>(
      registry, {.summary = "Kicking by length: two marubozu of opposite colour with a gap between them, in "
                            "the longer one's direction",
                 .example = {{25.0, 25.125, 20.875, 21.0}, {26.0, 31.125, 25.875, 31.0}},
                 .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlkickingbylength_plugin
