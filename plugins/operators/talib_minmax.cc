#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_minmax_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  constexpr const char* kTexts[] = {"talib:MIN(x, n)", "talib:MAX(x, n)"};
  return lower_text(graph, kTexts[call.output()], {{"x", call[0]}, {"n", call[1]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:MINMAX", {{.name = "talib:MINMAX",
                                 .summary = "Smallest and greatest value of the window",
                                 .arguments = {series_argument(), period_argument(30.0)},
                                 .missing = "missing where a window has a missing row",
                                 .warm_up = "missing until its windows are full",
                                 .source = "TA-Lib 0.8 (C), TA_MINMAX",
                                 .example = {.expression = "talib:MINMAX($a, 2)",
                                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                                             .expected = {kMissing, 1.0, 2.0, 5.0, 5.0, 8.0}},
                                 .outputs = {"min", "max"}},
                                lower});
}

}  // namespace orrery::plugins::operators::talib_minmax_plugin
