#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlcounterattack_plugin {
namespace {

struct Counterattack {
  static constexpr const char* kName = "CDLCOUNTERATTACK";
  static constexpr int kLookback = 11;

  static DoubleLanes signal(const auto& at) {
    return where(at.opposite_color(1, 0) & at.has_long_body(1) & at.has_long_body(0) &
                     within(at.close(0), at.close(1), at.equal(1)),
                 100.0 * at.color(0));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<Counterattack>(
      registry, {.summary = "Counterattack: two long candles of opposite colour with nearly the same close",
                 .example = {{25.0, 25.5, 19.5, 20.0}, {15.5, 20.5, 15.0, 20.125}},
                 .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlcounterattack_plugin
