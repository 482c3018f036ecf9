#include "plugins/operators/talib/candle_pattern.h"
#include "plugins/operators/talib/candle_shapes.h"

namespace orrery::plugins::operators::talib_cdlinneck_plugin {
namespace {

struct InNeck {
  static constexpr const char* kName = "CDLINNECK";
  static constexpr int kLookback = 11;

  static DoubleLanes signal(const auto& at) {
    return bearish(white_from_below(at) & (at.close(0) <= at.close(1) + at.equal(1)) &
                   (at.close(0) >= at.close(1)));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<InNeck>(registry,
                             {.summary = "In-neck: a long black candle, then a white one that opens below "
                                         "its low and closes at its close or barely above",
                              .example = {{25.0, 25.5, 19.5, 20.0}, {18.5, 20.5, 18.0, 20.125}},
                              .signal = -100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlinneck_plugin
