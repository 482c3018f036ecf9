#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/moving_averages.h"

namespace orrery::plugins::operators::talib_ma_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return moving_average(graph, call[0], call.rows(1), call.number(2));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:MA", {{.name = "talib:MA",
                             .summary = "Moving average of the type that is asked for",
                             .arguments = {series_argument(), period_argument(30.0, 1.0), average_argument()},
                             .missing = "as the average of the type",
                             .warm_up = "as the average of the type",
                             .source = "TA-Lib 0.8 (C), TA_MA",
                             .example = {.expression = "talib:MA($a, 2, 1)",
                                         .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                                         .expected = {kMissing, 1.5, 4.5, 4.833333333333333,
                                                      7.611111111111111, 7.87037037037037}}},
                            lower});
}

}  // namespace orrery::plugins::operators::talib_ma_plugin
