#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlspinningtop_plugin {
namespace {

struct SpinningTop {
  static constexpr const char* kName = "CDLSPINNINGTOP";
  static constexpr int kLookback = 10;

  static DoubleLanes signal(const auto& at) {
    return where(at.has_short_body(0) & (at.upper_shadow(0) > at.body(0)) & (at.lower_shadow(0) > at.body(0)),
                 100.0 * at.color(0));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<SpinningTop>(registry,
                                  {.summary = "Spinning top: a short body between two longer shadows",
                                   .example = {{20.0, 21.25, 19.25, 20.5}},
                                   .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlspinningtop_plugin
