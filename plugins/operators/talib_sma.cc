#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/full_windows.h"

namespace orrery::plugins::operators::talib_sma_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return full_mean(graph, call[0], call.rows(1));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:SMA", {{.name = "talib:SMA",
                              .summary = "Mean of the window",
                              .arguments = {series_argument(), period_argument(30.0, 1.0)},
                              .missing = "missing unless all rows of the window have values",
                              .warm_up = "missing until the window is full",
                              .source = "TA-Lib 0.6 (C), TA_SMA",
                              .example = {.expression = "talib:SMA($a, 3)",
                                          .fields = {{"a", {1.0, 2.0, 6.0, 5.0}}},
                                          .expected = {kMissing, kMissing, 3.0, 4.333333333333333}}},
                             lower});
}

}  // namespace orrery::plugins::operators::talib_sma_plugin
