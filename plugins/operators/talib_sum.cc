#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/full_windows.h"

namespace orrery::plugins::operators::talib_sum_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.where_full(call[0], call.rows(1), graph.rolling_sum(call[0], call.rows(1)));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:SUM", {{.name = "talib:SUM",
                              .summary = "Sum of the window",
                              .arguments = {series_argument(), period_argument(30.0)},
                              .missing = "missing unless all rows of the window have values",
                              .warm_up = "missing until the window is full",
                              .source = "TA-Lib 0.6 (C), TA_SUM",
                              .example = {.expression = "talib:SUM($a, 3)",
                                          .fields = {{"a", {1.0, 2.0, 6.0, 5.0}}},
                                          .expected = {kMissing, kMissing, 9.0, 13.0}}},
                             lower});
}

}  // namespace orrery::plugins::operators::talib_sum_plugin
