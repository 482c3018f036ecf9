#include <limits>
#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/convergence.h"

namespace orrery::plugins::operators::talib_macdfix_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kConvergence, std::vector<Operand>{call[0]}, {12.0, 26.0, call.number(1), 0.15, 0.075},
                      0, 3, call.output());
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:MACDFIX",
      {{.name = "talib:MACDFIX",
        .summary = "MACD with the fixed weights 0.15 and 0.075, about those of 12 and 26 observations",
        .arguments = {series_argument(), period_argument(9.0, 1.0, "signalperiod")},
        .missing = "a row on which an input is missing changes nothing and has no value",
        .warm_up = "missing for the first `24 + signalperiod` observations",
        .source = "TA-Lib 0.8 (C), TA_MACDFIX",
        .example = {.expression = "talib:MACDFIX($a, 2)",
                    .fields = {{"a", {1.0, 2.0, 6.0, 5.0}}},
                    .expected = {kMissing, kMissing, kMissing, kMissing}},
        .outputs = {"macd", "signal", "hist"}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_macdfix_plugin
