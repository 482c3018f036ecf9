#include "plugins/operators/talib/candle_pattern.h"
#include "plugins/operators/talib/candle_shapes.h"

namespace orrery::plugins::operators::talib_cdlshootingstar_plugin {
namespace {

struct ShootingStar {
  static constexpr const char* kName = "CDLSHOOTINGSTAR";
  static constexpr int kLookback = 11;

  static DoubleLanes signal(const auto& at) {
    return bearish(inverted_hammer_shape(at) & at.body_gap_up(0, 1));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<ShootingStar>(
      registry,
      {.summary =
           "Shooting star: a short body at the lower end of a long upper shadow, a gap above the body before",
       .example = {{20.0, 22.0, 19.0, 21.0}, {22.0, 24.0, 21.875, 22.5}},
       .signal = -100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlshootingstar_plugin
