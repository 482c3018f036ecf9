#include "plugins/operators/talib/candle_pattern.h"
#include "plugins/operators/talib/candle_shapes.h"

namespace orrery::plugins::operators::talib_cdlharamicross_plugin {
namespace {

struct HaramiCross {
  static constexpr const char* kName = "CDLHARAMICROSS";
  static constexpr int kLookback = 11;

  static DoubleLanes signal(const auto& at) {
    return where(at.has_long_body(1) & at.is_doji(0), -at.color(1) * body_inside_before(at));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<HaramiCross>(registry,
                                  {.summary = "Harami cross: a doji inside a long body, 100 after black and "
                                              "-100 after white; 80 and -80 where they share an end",
                                   .example = {{25.0, 25.5, 19.5, 20.0}, {22.0, 23.0, 21.5, 22.125}},
                                   .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlharamicross_plugin
