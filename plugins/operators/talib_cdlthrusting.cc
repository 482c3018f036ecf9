#include "plugins/operators/talib/candle_pattern.h"
#include "plugins/operators/talib/candle_shapes.h"

namespace orrery::plugins::operators::talib_cdlthrusting_plugin {
namespace {

struct Thrusting {
  static constexpr const char* kName = "CDLTHRUSTING";
  static constexpr int kLookback = 11;

  static DoubleLanes signal(const auto& at) {
    return bearish(white_from_below(at) & (at.close(0) > at.close(1) + at.equal(1)) &
                   (at.close(0) <= at.close(1) + at.body(1) * 0.5));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<Thrusting>(registry,
                                {.summary = "Thrusting: a long black candle, then a white one that opens "
                                            "below its low and closes in the lower half of its body",
                                 .example = {{25.0, 25.5, 19.5, 20.0}, {19.0, 22.0, 18.5, 21.5}},
                                 .signal = -100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlthrusting_plugin
