#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/extreme_index.h"

namespace orrery::plugins::operators::talib_minmaxindex_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return extreme_row(graph, call[0], call.rows(1), call.output());
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:MINMAXINDEX", {{.name = "talib:MINMAXINDEX",
                                      .summary = "Rows of the smallest and of the greatest value of the "
                                                 "window, counted from 0 at the first row of the instrument",
                                      .arguments = {series_argument(), period_argument(30.0)},
                                      .missing = "missing unless all rows of the window have values",
                                      .warm_up = "missing until its windows are full",
                                      .source = "TA-Lib 0.8 (C), TA_MINMAXINDEX",
                                      .example = {.expression = "talib:MINMAXINDEX($a, 2)",
                                                  .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                                                  .expected = {kMissing, 0.0, 1.0, 3.0, 3.0, 5.0}},
                                      .outputs = {"minidx", "maxidx"}},
                                     lower});
}

}  // namespace orrery::plugins::operators::talib_minmaxindex_plugin
