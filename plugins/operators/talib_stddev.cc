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
  const Operand scaled = graph.arithmetic(Arithmetic::kMultiply, graph.rolling_deviation(call[0], window),
                                          graph.number(call.number(2) * std::sqrt((window - 1.0) / window)));
  return where_full(graph, call[0], window, scaled);
}

}  // namespace

void register_operators_talib_stddev(Registry& registry) {
  registry.add("talib:STDDEV",
               {{.name = "talib:STDDEV",
                 .summary = "Standard deviation of the window (over n), times nbdev",
                 .arguments = {{.name = "value", .kind = ArgumentKind::kSeries, .summary = "the series"},
                               {.name = "timeperiod",
                                .kind = ArgumentKind::kWindow,
                                .summary = "observations of the window",
                                .minimum = 2,
                                .maximum = kLongestWindow,
                                .fallback = 5.0},
                               {.name = "nbdev",
                                .kind = ArgumentKind::kNumber,
                                .summary = "what the deviation is multiplied by",
                                .minimum = -1e9,
                                .maximum = 1e9,
                                .fallback = 1.0}},
                 .missing = "missing unless all rows of the window have values",
                 .warm_up = "missing until the window is full",
                 .source = "TA-Lib 0.6 (C), TA_STDDEV",
                 .example = {.expression = "talib:STDDEV($a, 2)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0}}},
                             .expected = {kMissing, 0.5, 2.0, 0.5}}},
                lower});
}

}  // namespace orrery::plugins::operators
