#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_correl_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const Operand correlation = graph.rolling_correlation(call[0], call[1], call.rows(2), 0.0);
  return lower_text(graph, "If(Count(x+y, n) == n, If(r == r, r, 0), 0/0)",
                    {{"x", call[0]}, {"y", call[1]}, {"n", call[2]}, {"r", correlation}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:CORREL",
               {{.name = "talib:CORREL",
                 .summary = "Correlation of two series over the window",
                 .arguments = {series_argument("value0", "the first series"),
                               series_argument("value1", "the second series"), period_argument(30.0, 1.0)},
                 .missing = "missing where a window has a missing row",
                 .warm_up = "missing until its windows are full",
                 .source = "TA-Lib 0.6 (C), TA_CORREL",
                 .example = {.expression = "talib:CORREL($h, $c, 3)",
                             .fields = {{"h", {2.0, 4.0, 5.0, 7.0, 8.0}}, {"c", {1.5, 3.0, 4.0, 6.0, 6.0}}},
                             .expected = {kMissing, kMissing, 0.997176464952738, 0.9999999999999997,
                                          0.9449111825230674}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_correl_plugin
