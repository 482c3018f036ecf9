#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/extreme_index.h"

namespace orrery::plugins::operators::talib_minindex_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return extreme_row(graph, call[0], call.rows(1), 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:MININDEX",
      {{.name = "talib:MININDEX",
        .summary =
            "Row of the smallest value of the window, counted from 0 at the first row of the instrument",
        .arguments = {series_argument(), period_argument(30.0)},
        .missing = "missing unless all rows of the window have values",
        .warm_up = "missing until its windows are full",
        .source = "TA-Lib 0.8 (C), TA_MININDEX",
        .example = {.expression = "talib:MININDEX($a, 2)",
                    .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                    .expected = {kMissing, 0.0, 1.0, 3.0, 3.0, 5.0}}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_minindex_plugin
