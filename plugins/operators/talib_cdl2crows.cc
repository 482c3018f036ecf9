#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdl2crows_plugin {
namespace {

struct TwoCrows {
  static constexpr const char* kName = "CDL2CROWS";
  static constexpr int kLookback = 12;

  static DoubleLanes signal(const auto& at) {
    return bearish(at.white(2) & at.has_long_body(2) & at.black(1) & at.body_gap_up(1, 2) & at.black(0) &
                   (at.open(0) < at.open(1)) & (at.open(0) > at.close(1)) & (at.close(0) > at.open(2)) &
                   (at.close(0) < at.close(2)));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<TwoCrows>(
      registry, {.summary = "Two crows: a long white candle, then two black ones above it, the second of "
                            "which closes within its body",
                 .example = {{21.0, 26.0, 20.5, 25.0}, {28.0, 28.5, 25.5, 26.0}, {27.0, 27.5, 22.0, 23.0}},
                 .signal = -100.0});
}

}  // namespace orrery::plugins::operators::talib_cdl2crows_plugin
