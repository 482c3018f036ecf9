#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/full_windows.h"

namespace orrery::plugins::operators::talib_stddev_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return full_deviation(graph, call[0], call.rows(1), call.number(2));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:STDDEV",
               {{.name = "talib:STDDEV",
                 .summary = "Standard deviation of the window (over n), times nbdev",
                 .arguments = {series_argument(), period_argument(5.0),
                               number_argument("nbdev", "what the deviation is multiplied by", 1.0)},
                 .missing = "missing unless all rows of the window have values",
                 .warm_up = "missing until the window is full",
                 .source = "TA-Lib 0.6 (C), TA_STDDEV",
                 .example = {.expression = "talib:STDDEV($a, 2)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0}}},
                             .expected = {kMissing, 0.5, 2.0, 0.5}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_stddev_plugin
