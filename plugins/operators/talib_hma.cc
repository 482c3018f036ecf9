#include <cmath>
#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_hma_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int half = call.rows(1) / 2;
  return lower_text(graph, "talib:MA(2*talib:MA(x, k, 2) - talib:WMA(x, n), m, 2)",
                    {{"x", call[0]},
                     {"n", call[1]},
                     {"k", graph.number(half)},
                     {"m", graph.number(std::floor(std::sqrt(call.number(1))))}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:HMA",
               {{.name = "talib:HMA",
                 .summary = "Mean of Hull: a weighted mean of twice the faster less the slower weighted mean",
                 .arguments = {series_argument(), period_argument(20.0)},
                 .missing = "missing where a window has a missing row",
                 .warm_up = "missing until its windows are full",
                 .source = "TA-Lib 0.8 (C), TA_HMA",
                 .example = {.expression = "talib:HMA($a, 4)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0, 7.0}}},
                             .expected = {kMissing, kMissing, kMissing, kMissing, 8.011111111111111,
                                          9.055555555555557, 7.833333333333335}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_hma_plugin
