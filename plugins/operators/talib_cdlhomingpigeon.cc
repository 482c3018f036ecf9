#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlhomingpigeon_plugin {
namespace {

struct HomingPigeon {
  static constexpr const char* kName = "CDLHOMINGPIGEON";
  static constexpr int kLookback = 11;

  static DoubleLanes signal(const auto& at) {
    return bullish(at.black(1) & at.black(0) & at.has_long_body(1) & (at.body(0) <= at.short_body(0)) &
                   (at.open(0) < at.open(1)) & (at.close(0) > at.close(1)));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<HomingPigeon>(registry,
                                   {.summary = "Homing pigeon: a short black body inside a long black one",
                                    .example = {{25.0, 25.5, 19.5, 20.0}, {22.5, 23.0, 21.5, 22.0}},
                                    .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlhomingpigeon_plugin
