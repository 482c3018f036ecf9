#include <algorithm>
#include <cmath>
#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/full_windows.h"

namespace orrery::plugins::operators::talib_percentile_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(1);
  const double rank = std::max(1.0, std::ceil(call.number(2) / 100.0 * window));
  const double level = (rank - 1.0) / (window - 1.0);
  return graph.where_full(call[0], window, graph.rolling_quantile(call[0], window, level));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:PERCENTILE",
               {{.name = "talib:PERCENTILE",
                 .summary = "Percentile of the window by nearest rank: the smallest value that so many per "
                            "cent of the values do not exceed",
                 .arguments = {series_argument(), period_argument(30.0),
                               number_argument("percentile", "from 0 to 100", 50.0, 0.0, 100.0)},
                 .missing = "missing unless all rows of the window have values",
                 .warm_up = "missing until its windows are full",
                 .source = "TA-Lib 0.8 (C), TA_PERCENTILE",
                 .example = {.expression = "talib:PERCENTILE($a, 4, 50)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                             .expected = {kMissing, kMissing, kMissing, 2.0, 5.0, 6.0}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_percentile_plugin
