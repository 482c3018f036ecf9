#include "plugins/operators/talib/candle_pattern.h"
#include "plugins/operators/talib/hikkake.h"

namespace orrery::plugins::operators {
namespace {

constexpr const char* kName = "CDLHIKKAKEMOD";
constexpr int kLookback = 10;

/// Two candles inside one another, the first one closing near its low (high), then one that leaves them
/// downwards (upwards).
struct Setup {
  static constexpr const char* kName = "talib_hikkake_mod_setup";
  static constexpr int kLookback = 7;

  static DoubleLanes signal(const auto& at) {
    const LaneMask inside = (at.high(2) < at.high(3)) & (at.low(2) > at.low(3)) & (at.high(1) < at.high(2)) &
                            (at.low(1) > at.low(2));
    const LaneMask down = (at.high(0) < at.high(1)) & (at.low(0) < at.low(1));
    const LaneMask up = (at.high(0) > at.high(1)) & (at.low(0) > at.low(1));
    const LaneMask near_low = at.close(2) <= at.low(2) + at.near(2);
    const LaneMask near_high = at.close(2) >= at.high(2) - at.near(2);
    return bullish(inside & down & near_low) + bearish(inside & up & near_high);
  }
};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return confirmed_hikkake(graph, call, lower_pattern<Setup>(graph, call), kLookback);
}

}  // namespace

void register_operators_talib_cdlhikkakemod(Registry& registry) {
  const CandlePatternText text = {
      .summary =
          "Modified hikkake: a false step out of two candles inside one another, 100 below them and "
          "-100 above; 200 and -200 where one of the next three candles closes beyond the other side",
      .example = {{20.5, 21.75, 19.25, 19.5}, {20.0, 21.0, 19.75, 20.5}, {20.0, 20.75, 18.5, 19.0}},
      .signal = 100.0};
  registry.add(std::string("talib:") + kName, {candle_pattern_info(kName, kLookback, text), lower});
}

}  // namespace orrery::plugins::operators
