#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdldarkcloudcover_plugin {
namespace {

struct DarkCloudCover {
  static constexpr const char* kName = "CDLDARKCLOUDCOVER";
  static constexpr int kLookback = 11;

  static DoubleLanes signal(const auto& at) {
    const DoubleLanes depth = at.body(1) * at.penetration();
    return bearish(at.white(1) & at.has_long_body(1) & at.black(0) & (at.open(0) > at.high(1)) &
                   (at.close(0) > at.open(1)) & (at.close(0) < at.close(1) - depth));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<DarkCloudCover>(registry,
                                     {.summary = "Dark cloud cover: a long white candle, then a black one "
                                                 "that opens above its high and closes deep in its body",
                                      .penetration = 0.5,
                                      .example = {{20.0, 25.5, 19.5, 25.0}, {26.0, 26.5, 21.0, 21.5}},
                                      .signal = -100.0});
}

}  // namespace orrery::plugins::operators::talib_cdldarkcloudcover_plugin
