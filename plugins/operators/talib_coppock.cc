#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_coppock_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "talib:WMA(talib:ROC(x, a) + talib:ROC(x, b), n)",
                    {{"x", call[0]}, {"n", call[1]}, {"a", call[2]}, {"b", call[3]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:COPPOCK", {{.name = "talib:COPPOCK",
                                  .summary = "Coppock curve: weighted mean of two rates of change",
                                  .arguments = {series_argument(), period_argument(10.0, 2.0, "wmaperiod"),
                                                period_argument(11.0, 1.0, "roc1period"),
                                                period_argument(14.0, 1.0, "roc2period")},
                                  .missing = "missing where a window has a missing row",
                                  .warm_up = "missing until its windows are full",
                                  .source = "TA-Lib 0.8 (C), TA_COPPOCK",
                                  .example = {.expression = "talib:COPPOCK($a, 2, 1, 2)",
                                              .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                                              .expected = {kMissing, kMissing, kMissing, 322.22222222222223,
                                                           131.11111111111111, 75.92592592592592}},
                                  .more_rows = 1},
                                 lower});
}

}  // namespace orrery::plugins::operators::talib_coppock_plugin
