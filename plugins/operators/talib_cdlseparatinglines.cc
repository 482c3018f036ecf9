#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlseparatinglines_plugin {
namespace {

struct SeparatingLines {
  static constexpr const char* kName = "CDLSEPARATINGLINES";
  static constexpr int kLookback = 11;

  static DoubleLanes signal(const auto& at) {
    const LaneMask from_open =
        (at.white(0) & at.has_very_short_lower_shadow(0)) | (at.black(0) & at.has_very_short_upper_shadow(0));
    return where(at.opposite_color(1, 0) & within(at.open(0), at.open(1), at.equal(1)) & at.has_long_body(0) &
                     from_open,
                 100.0 * at.color(0));
  }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<SeparatingLines>(registry,
                                      {.summary = "Separating lines: a candle and a long one of the other "
                                                  "colour that opens where it opened and runs from there",
                                       .example = {{22.0, 22.5, 19.5, 20.0}, {22.0, 26.0, 21.875, 25.5}},
                                       .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlseparatinglines_plugin
