#include <algorithm>
#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const bool simple = call.number(3) == 0.0;
  const std::string text = simple ? "talib:SMA(x, f) - talib:SMA(x, s)" : "talib:EMA(x, f) - talib:EMA(x, s)";
  return lower_text(graph, text,
                    {{"x", call[0]},
                     {"f", graph.number(std::min(call.number(1), call.number(2)))},
                     {"s", graph.number(std::max(call.number(1), call.number(2)))}});
}

}  // namespace

void register_operators_talib_apo(Registry& registry) {
  registry.add("talib:APO",
               {{.name = "talib:APO",
                 .summary = "Fast less slow moving average",
                 .arguments = {{.name = "value", .kind = ArgumentKind::kSeries, .summary = "the series"},
                               {.name = "fastperiod",
                                .kind = ArgumentKind::kWindow,
                                .summary = "observations of the window",
                                .minimum = 2,
                                .maximum = kLongestWindow,
                                .fallback = 12.0},
                               {.name = "slowperiod",
                                .kind = ArgumentKind::kWindow,
                                .summary = "observations of the window",
                                .minimum = 2,
                                .maximum = kLongestWindow,
                                .fallback = 26.0},
                               {.name = "matype",
                                .kind = ArgumentKind::kNumber,
                                .summary = "0: simple averages, 1: exponential ones",
                                .minimum = 0.0,
                                .maximum = 1.0,
                                .fallback = 1.0}},
                 .missing = "missing where a window has a missing row",
                 .warm_up = "missing until its windows are full",
                 .source = "TA-Lib 0.6 (C), TA_APO",
                 .example = {.expression = "talib:APO($a, 2, 3)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0}}},
                             .expected = {kMissing, kMissing, 1.5, 0.833333333333333, 1.1111111111111107}}},
                lower});
}

}  // namespace orrery::plugins::operators
