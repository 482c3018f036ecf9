#include "plugins/operators/talib/candle_pattern.h"
#include "plugins/operators/talib/hikkake.h"

namespace orrery::plugins::operators {
namespace {

constexpr const char* kName = "CDLHIKKAKE";
constexpr int kLookback = 5;

/// A candle inside the one before, then one that leaves it downwards (a trap, 100) or upwards (-100).
struct Setup {
  static constexpr const char* kName = "talib_hikkake_setup";
  static constexpr int kLookback = 2;

  static DoubleLanes signal(const auto& at) {
    const LaneMask inside = (at.high(1) < at.high(2)) & (at.low(1) > at.low(2));
    const LaneMask down = (at.high(0) < at.high(1)) & (at.low(0) < at.low(1));
    const LaneMask up = (at.high(0) > at.high(1)) & (at.low(0) > at.low(1));
    return bullish(inside & down) + bearish(inside & up);
  }
};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return confirmed_hikkake(graph, call, lower_pattern<Setup>(graph, call), kLookback);
}

}  // namespace

void register_operators_talib_cdlhikkake(Registry& registry) {
  const CandlePatternText text = {
      .summary =
          "Hikkake: a false step out of an inside candle, 100 below it and -100 above; 200 and -200 "
          "where one of the next three candles closes beyond the other side",
      .example = {{20.0, 21.5, 19.5, 21.0}, {20.0, 21.0, 18.0, 18.5}},
      .signal = 100.0};
  registry.add(std::string("talib:") + kName, {candle_pattern_info(kName, kLookback, text), lower});
}

}  // namespace orrery::plugins::operators
