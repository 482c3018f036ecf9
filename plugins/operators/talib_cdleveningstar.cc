#include "plugins/operators/talib/candle_pattern.h"
#include "plugins/operators/talib/candle_shapes.h"

namespace orrery::plugins::operators::talib_cdleveningstar_plugin {
namespace {

struct EveningStar {
  static constexpr const char* kName = "CDLEVENINGSTAR";
  static constexpr int kLookback = 12;

  static DoubleLanes signal(const auto& at) {
    return bearish(evening_star_shape(at) & (at.body(1) <= at.short_body(1)));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<EveningStar>(
      registry, {.summary = "Evening star: a long white candle, a short body above it, and a black one that "
                            "closes deep in the first one's body",
                 .penetration = 0.3,
                 .example = {{20.0, 25.5, 19.5, 25.0}, {26.0, 27.5, 25.5, 27.0}, {25.0, 25.25, 20.5, 21.0}},
                 .signal = -100.0});
}

}  // namespace orrery::plugins::operators::talib_cdleveningstar_plugin
