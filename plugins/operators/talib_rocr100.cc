#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_rocr100_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "x/Ref(x, n)*100", {{"x", call[0]}, {"n", call[1]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:ROCR100", {{.name = "talib:ROCR100",
                                  .summary = "The value over that of some rows ago, times 100",
                                  .arguments = {series_argument(), lag_period_argument(10.0)},
                                  .missing = "missing where either row is",
                                  .warm_up = "missing for the first `timeperiod` rows",
                                  .source = "TA-Lib 0.6 (C), TA_ROCR100",
                                  .example = {.expression = "talib:ROCR100($a, 2)",
                                              .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0}}},
                                              .expected = {kMissing, kMissing, 600.0, 250.0, 150.0}}},
                                 lower});
}

}  // namespace orrery::plugins::operators::talib_rocr100_plugin
