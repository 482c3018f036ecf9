#include <algorithm>
#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/moving_averages.h"

namespace orrery::plugins::operators::talib_mavp_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// An average for every window in between is built, hence not more.
ArgumentInfo longest_period_argument() {
  ArgumentInfo result = period_argument(30.0, 2.0, "maxperiod");
  result.maximum = 250.0;
  return result;
}

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int least = call.rows(2);
  const int most = std::max(least, call.rows(3));
  int warm_up = 0;
  for (int window = least; window <= most; ++window) {
    warm_up = std::max(warm_up, moving_average_warm_up(window, call.number(4)));
  }
  // All of them begin at once.
  const auto average = [&](int window) {
    const int own = moving_average_warm_up(window, call.number(4));
    return moving_average(graph, without_first(graph, call[0], warm_up - own), window, call.number(4));
  };
  Operand result = average(least);
  for (int window = least + 1; window <= most; ++window) {
    const Operand mine = graph.compare(Comparison::kGreaterEqual, call[1], graph.number(window));
    result = graph.select(mine, average(window), result);
  }
  const Operand nothing = graph.arithmetic(Arithmetic::kMultiply, call[1], graph.number(0.0));
  return graph.arithmetic(Arithmetic::kAdd, result, nothing);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:MAVP",
      {{.name = "talib:MAVP",
        .summary = "Moving average whose window is another series, cut to whole observations and held "
                   "between the least and the most",
        .arguments = {series_argument(),
                      series_argument("periods", "the window of each row, in observations"),
                      period_argument(2.0, 2.0, "minperiod"), longest_period_argument(), average_argument()},
        .missing = "missing where the average or the window is",
        .warm_up = "missing until the longest window is full",
        .source = "TA-Lib 0.8 (C), TA_MAVP",
        .example = {.expression = "talib:MAVP($a, $b, 2, 3)",
                    .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}, {"b", {2.0, 1.0, 4.0, 4.0, 3.0, 5.0}}},
                    .expected = {kMissing, kMissing, 3.0, 4.333333333333333, 6.666666666666667,
                                 7.333333333333333}}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_mavp_plugin
