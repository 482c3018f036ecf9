#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_beta_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  // One change alone has no slope.
  return lower_text(
      graph,
      call.rows(2) == 1
          ? "0*((x/Ref(x, 1) - 1) + (y/Ref(y, 1) - 1))"
          : "let p = x/Ref(x, 1) - 1; let q = y/Ref(y, 1) - 1; let b = RegressionBeta(q, p, n); "
            "If(b == b, b, 0) + 0*talib:SUM(p + q, n)",
      {{"x", call[0]}, {"y", call[1]}, {"n", call[2]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:BETA",
      {{.name = "talib:BETA",
        .summary = "Slope of a regression of the changes of the second series on those of the first, "
                   "relative changes from row to row; 0 where the first does not change",
        .arguments = {series_argument("real0", "the series that explains"),
                      series_argument("real1", "the series that is explained"), period_argument(5.0, 1.0)},
        .missing = "missing where a window has a missing row",
        .warm_up = "missing for the first `timeperiod` observations",
        .source = "TA-Lib 0.8 (C), TA_BETA",
        .example = {.expression = "talib:BETA($a, $b, 3)",
                    .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}, {"b", {2.0, 1.0, 4.0, 4.0, 3.0, 5.0}}},
                    .expected = {kMissing, kMissing, kMissing, 1.3346456692913384, 1.4370480980823637,
                                 -0.5882455650230471}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_beta_plugin
