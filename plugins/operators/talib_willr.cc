#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/full_windows.h"

namespace orrery::plugins::operators::talib_willr_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(3);
  const Operand high =
      graph.where_full(call[0], window, graph.rolling_extreme(Extreme::kMaximum, call[0], window));
  const Operand low =
      graph.where_full(call[1], window, graph.rolling_extreme(Extreme::kMinimum, call[1], window));
  const Operand range = graph.arithmetic(Arithmetic::kSubtract, high, low);
  const Operand below = graph.arithmetic(Arithmetic::kSubtract, high, call[2]);
  const Operand share = graph.arithmetic(
      Arithmetic::kMultiply, graph.arithmetic(Arithmetic::kDivide, below, range), graph.number(-100.0));
  const Operand flat = graph.compare(Comparison::kEqual, range, graph.number(0.0));
  return graph.select(flat, graph.number(0.0), share);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:WILLR",
      {{.name = "talib:WILLR",
        .summary = "Williams per cent R: how far the close lies below the highest price of the window, from "
                   "0 to -100",
        .arguments = bar_arguments("hlc", {period_argument(14.0)}),
        .missing = "missing unless all rows of the window have values",
        .warm_up = "missing until the window is full",
        .source = "TA-Lib 0.6 (C), TA_WILLR",
        .example = {.expression = "talib:WILLR($h, $l, $c, 2)",
                    .fields = {{"h", {2.0, 3.0, 4.0}}, {"l", {1.0, 2.0, 3.0}}, {"c", {1.5, 3.0, 3.0}}},
                    .expected = {kMissing, 0.0, -50.0}}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_willr_plugin
