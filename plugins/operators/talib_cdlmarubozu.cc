#include "plugins/operators/talib/candle_pattern.h"

namespace orrery::plugins::operators::talib_cdlmarubozu_plugin {
namespace {

struct Marubozu {
  static constexpr const char* kName = "CDLMARUBOZU";
  static constexpr int kLookback = 10;

  static DoubleLanes signal(const auto& at) { return where(at.is_marubozu(0), 100.0 * at.color(0)); }
};

}  // namespace

void add_to(Registry& registry) {
  add_candle_pattern<Marubozu>(registry, {.summary = "Marubozu: a long body with hardly a shadow",
                                          .example = {{20.0, 24.125, 19.875, 24.0}},
                                          .signal = 100.0});
}

}  // namespace orrery::plugins::operators::talib_cdlmarubozu_plugin
