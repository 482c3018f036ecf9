#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdldojistar_plugin {
namespace {

struct DojiStar {
  static constexpr const char* kName = "CDLDOJISTAR";
  static constexpr int kLookback = 11;

  static DoubleLanes signal(const auto& at) {
    const LaneMask gap = (at.white(1) & at.body_gap_up(0, 1)) | (at.black(1) & at.body_gap_down(0, 1));
    return where(at.has_long_body(1) & at.is_doji(0) & gap, -100.0 * at.color(1));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<DojiStar>(registry,
                               {.summary = "Doji star: a doji whose body lies a gap beyond a long one",
                                .example = {{25.0, 25.5, 19.5, 20.0}, {19.0, 19.5, 18.5, 19.125}},
                                .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdldojistar_plugin
