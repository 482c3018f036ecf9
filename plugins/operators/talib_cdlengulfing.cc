#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlengulfing_plugin {
namespace {

struct Engulfing {
  static constexpr const char* kName = "CDLENGULFING";
  static constexpr int kLookback = 2;

  static DoubleLanes signal(const auto& at) {
    const LaneMask up = at.white(0) & at.black(1) &
                        (((at.close(0) >= at.open(1)) & (at.open(0) < at.close(1))) |
                         ((at.close(0) > at.open(1)) & (at.open(0) <= at.close(1))));
    const LaneMask down = at.black(0) & at.white(1) &
                          (((at.open(0) >= at.close(1)) & (at.close(0) < at.open(1))) |
                           ((at.open(0) > at.close(1)) & (at.close(0) <= at.open(1))));
    const LaneMask beyond_both = (at.open(0) != at.close(1)) & (at.close(0) != at.open(1));
    return where(up | down, at.color(0) * (beyond_both ? all_lanes(100.0) : all_lanes(80.0)));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<Engulfing>(registry,
                                {.summary = "Engulfing: 100 where a white body covers the black one before, "
                                            "-100 for the reverse, 80 and -80 where they share an end",
                                 .example = {{21.0, 21.5, 19.5, 20.0}, {19.5, 22.5, 19.0, 22.0}},
                                 .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlengulfing_plugin
