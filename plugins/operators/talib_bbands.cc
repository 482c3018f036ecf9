#include <cmath>
#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/full_windows.h"

namespace orrery::plugins::operators {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(1);
  const Operand middle = full_mean(graph, call[0], window);
  if (call.output() == 1) return middle;
  const double distance = call.output() == 0 ? call.number(2) : -call.number(3);
  // TA-Lib divides by n, deviations here by n - 1.
  const double scale = distance * std::sqrt((window - 1.0) / window);
  const Operand band =
      graph.arithmetic(Arithmetic::kMultiply, graph.rolling_deviation(call[0], window), graph.number(scale));
  return graph.arithmetic(Arithmetic::kAdd, middle, band);
}

}  // namespace

void register_operators_talib_bbands(Registry& registry) {
  registry.add(
      "talib:BBANDS",
      {{.name = "talib:BBANDS",
        .summary = "Bands of Bollinger: the mean and so many standard deviations (over n) above and below",
        .arguments = {{.name = "value", .kind = ArgumentKind::kSeries, .summary = "the series"},
                      {.name = "timeperiod",
                       .kind = ArgumentKind::kWindow,
                       .summary = "observations of the window",
                       .minimum = 2,
                       .maximum = kLongestWindow,
                       .fallback = 20.0},
                      {.name = "nbdevup",
                       .kind = ArgumentKind::kNumber,
                       .summary = "deviations above",
                       .minimum = -1e9,
                       .maximum = 1e9,
                       .fallback = 2.0},
                      {.name = "nbdevdn",
                       .kind = ArgumentKind::kNumber,
                       .summary = "deviations below",
                       .minimum = -1e9,
                       .maximum = 1e9,
                       .fallback = 2.0}},
        .missing = "missing unless all rows of the window have values",
        .warm_up = "missing until the window is full",
        .source = "TA-Lib 0.6 (C), TA_BBANDS",
        .example = {.expression = "talib:BBANDS($a, 2, 1, 1)",
                    .fields = {{"a", {1.0, 2.0, 6.0, 5.0}}},
                    .expected = {kMissing, 2.0, 6.0, 6.0}},
        .outputs = {"upper", "middle", "lower"}},
       lower});
}

}  // namespace orrery::plugins::operators
