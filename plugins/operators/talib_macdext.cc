#include <algorithm>
#include <limits>
#include <utility>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/moving_averages.h"

namespace orrery::plugins::operators::talib_macdext_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  std::pair fast{call.rows(1), call.number(2)};
  std::pair slow{call.rows(3), call.number(4)};
  if (slow.first < fast.first) std::swap(fast, slow);
  const int fast_warm_up = moving_average_warm_up(fast.first, fast.second);
  const int slow_warm_up = moving_average_warm_up(slow.first, slow.second);
  const int warm_up = std::max(fast_warm_up, slow_warm_up);
  const auto average = [&](const std::pair<int, double>& of, int own) {
    return moving_average(graph, without_first(graph, call[0], warm_up - own), of.first, of.second);
  };
  const Operand line =
      graph.arithmetic(Arithmetic::kSubtract, average(fast, fast_warm_up), average(slow, slow_warm_up));
  const Operand signal = moving_average(graph, line, call.rows(5), call.number(6));
  if (call.output() == 1) return signal;
  const Operand distance = graph.arithmetic(Arithmetic::kSubtract, line, signal);
  // Line and signal begin at once.
  return call.output() == 2 ? distance : graph.arithmetic(Arithmetic::kAdd, distance, signal);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:MACDEXT",
               {{.name = "talib:MACDEXT",
                 .summary = "MACD with averages of any type: the fast less the slow one, its own average "
                            "(signal) and their difference (hist)",
                 .arguments = {series_argument(), period_argument(12.0, 2.0, "fastperiod"),
                               average_argument("fastmatype"), period_argument(26.0, 2.0, "slowperiod"),
                               average_argument("slowmatype"), period_argument(9.0, 1.0, "signalperiod"),
                               average_argument("signalmatype")},
                 .missing = "missing where a window has a missing row",
                 .warm_up = "missing until all averages are there",
                 .source = "TA-Lib 0.8 (C), TA_MACDEXT",
                 .example = {.expression = "talib:MACDEXT($a, 2, 1, 3, 0, 2, 0)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                             .expected = {kMissing, kMissing, kMissing, 0.3333333333333339,
                                          0.8888888888888884, 0.518518518518519}},
                 .outputs = {"macd", "signal", "hist"}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_macdext_plugin
