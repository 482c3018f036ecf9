#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/full_windows.h"
#include "plugins/operators/talib/moving_averages.h"

namespace orrery::plugins::operators::talib_bbands_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(1);
  const Operand middle = moving_average(graph, call[0], window, call.number(4));
  if (call.output() == 1) return middle;
  const double distance = call.output() == 0 ? call.number(2) : -call.number(3);
  const Operand band = full_deviation(graph, call[0], window, distance);
  return graph.arithmetic(Arithmetic::kAdd, middle, band);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:BBANDS",
      {{.name = "talib:BBANDS",
        .summary =
            "Bands of Bollinger: a moving average and so many standard deviations (over n) above and below",
        .arguments = {series_argument(), period_argument(20.0),
                      number_argument("nbdevup", "deviations above", 2.0),
                      number_argument("nbdevdn", "deviations below", 2.0), average_argument()},
        .missing = "missing unless all rows of the window have values",
        .warm_up = "missing until the window is full",
        .source = "TA-Lib 0.6 (C), TA_BBANDS",
        .example = {.expression = "talib:BBANDS($a, 2, 1, 1)",
                    .fields = {{"a", {1.0, 2.0, 6.0, 5.0}}},
                    .expected = {kMissing, 2.0, 6.0, 6.0}},
        .outputs = {"upper", "middle", "lower"}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_bbands_plugin
