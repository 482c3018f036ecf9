#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::zscore_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const Operand deviation = graph.rolling_deviation(call[0], call.rows(1));
  const Operand above =
      graph.arithmetic(Arithmetic::kSubtract, call[0], graph.rolling_mean(call[0], call.rows(1)));
  // Where nothing varies, what is left above the mean is rounding.
  const Operand varies = graph.compare(Comparison::kGreater, deviation, graph.number(0.0));
  return graph.select(varies, graph.arithmetic(Arithmetic::kDivide, above, deviation),
                      graph.number(kMissing));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "ZScore",
      {{.name = "ZScore",
        .summary = "The value less the mean of the window, over its standard deviation (n - 1)",
        .arguments = {series_argument(), window_argument(2)},
        .missing = "missing values are left out of the window; missing where the row or all variation is",
        .warm_up = "missing for the first value",
        .source = "the common definition",
        .example = {.expression = "ZScore($a, 3)",
                    .fields = {{"a", {1.0, 3.0, kMissing, 2.0, 4.0}}},
                    .expected = {kMissing, 0.7071067811865476, kMissing, -0.7071067811865476,
                                 0.7071067811865476}}},
       lower});
}

}  // namespace orrery::plugins::operators::zscore_plugin
