#include <limits>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/full_windows.h"
#include "plugins/operators/talib/moving_averages.h"

namespace orrery::plugins::operators::talib_stoch_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;

/// Inputs: highest, lowest, close.
struct PlaceInRange {
  static DoubleLanes of(const kernels::LaneWindow& row) {
    const DoubleLanes above = row.value(2, 0) - row.value(1, 0);
    const DoubleLanes range = row.value(0, 0) - row.value(1, 0);
    return range == 0.0 ? 0.0 * above : above / range * 100.0;
  }
};

constexpr kernels::Kernel kPlaceInRange = {"talib_stoch", kernels::scan_windows<PlaceInRange>};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(3);
  const Operand highest =
      graph.where_full(call[0], window, graph.rolling_extreme(Extreme::kMaximum, call[0], window));
  const Operand lowest =
      graph.where_full(call[1], window, graph.rolling_extreme(Extreme::kMinimum, call[1], window));
  const Operand fast = graph.custom(kPlaceInRange, {highest, lowest, call[2]}, {}, 0);
  const Operand slow = moving_average(graph, fast, call.rows(4), call.number(5));
  const Operand signal = moving_average(graph, slow, call.rows(6), call.number(7));
  if (call.output() == 1) return signal;
  // TA-Lib begins both at once.
  const Operand nothing = graph.arithmetic(Arithmetic::kMultiply, signal, graph.number(0.0));
  return graph.arithmetic(Arithmetic::kAdd, slow, nothing);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:STOCH",
      {{.name = "talib:STOCH",
        .summary = "Slow stochastic: where the close lies in the range of the window, from 0 to 100, "
                   "smoothed (slowk) and smoothed again (slowd)",
        .arguments = bar_arguments(
            "hlc", {period_argument(5.0, 1.0, "fastk_period"), period_argument(3.0, 1.0, "slowk_period"),
                    average_argument("slowk_matype"), period_argument(3.0, 1.0, "slowd_period"),
                    average_argument("slowd_matype")}),
        .missing = "missing unless all rows of the window have values",
        .warm_up = "missing until the window is full",
        .source = "TA-Lib 0.6 (C), TA_STOCH",
        .example = {.expression = "talib:STOCH($h, $l, $c, 2, 1, 0, 1, 0)",
                    .fields = {{"h", {2.0, 3.0, 4.0}}, {"l", {1.0, 2.0, 3.0}}, {"c", {1.5, 3.0, 3.0}}},
                    .expected = {kMissing, 100.0, 50.0}},
        .outputs = {"slowk", "slowd"}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_stoch_plugin
