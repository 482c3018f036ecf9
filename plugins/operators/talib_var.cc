#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/full_windows.h"

namespace orrery::plugins::operators::talib_var_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(1);
  const Operand scaled = graph.arithmetic(Arithmetic::kMultiply, graph.rolling_variance(call[0], window),
                                          graph.number((window - 1.0) / window));
  return graph.where_full(call[0], window, scaled);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:VAR", {{.name = "talib:VAR",
                              .summary = "Variance of the window (over n)",
                              .arguments = {series_argument(), period_argument(5.0),
                                            number_argument("nbdev", "not used, as in TA-Lib", 1.0)},
                              .missing = "missing unless all rows of the window have values",
                              .warm_up = "missing until the window is full",
                              .source = "TA-Lib 0.6 (C), TA_VAR",
                              .example = {.expression = "talib:VAR($a, 2)",
                                          .fields = {{"a", {1.0, 2.0, 6.0, 5.0}}},
                                          .expected = {kMissing, 0.25, 4.0, 0.25}}},
                             lower});
}

}  // namespace orrery::plugins::operators::talib_var_plugin
