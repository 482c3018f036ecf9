#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/moving_averages.h"

namespace orrery::plugins::operators::talib_kdj_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  constexpr const char* kTexts[] = {
      "let k = talib:STOCH(h, l, c, n, a, s, b, t).slowk; k",
      "let d = talib:STOCH(h, l, c, n, a, s, b, t).slowd; d",
      "3*talib:STOCH(h, l, c, n, a, s, b, t).slowk - 2*talib:STOCH(h, l, c, n, a, s, b, t).slowd"};
  return lower_text(graph, kTexts[call.output()],
                    {{"h", call[0]},
                     {"l", call[1]},
                     {"c", call[2]},
                     {"n", call[3]},
                     {"a", call[4]},
                     {"s", call[5]},
                     {"b", call[6]},
                     {"t", call[7]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:KDJ",
      {{.name = "talib:KDJ",
        .summary = "Stochastic with its two smoothed lines k and d, and j, three times the first less twice "
                   "the second",
        .arguments = bar_arguments(
            "hlc", {period_argument(9.0, 1.0, "fastk_period"), period_argument(3.0, 1.0, "slowk_period"),
                    average_argument("slowk_matype", 13.0), period_argument(3.0, 1.0, "slowd_period"),
                    average_argument("slowd_matype", 13.0)}),
        .missing = "missing where a window has a missing row",
        .warm_up = "missing until its windows are full",
        .source = "TA-Lib 0.8 (C), TA_KDJ",
        .example = {.expression = "talib:KDJ($h, $l, $c, 2, 2, 13, 2, 13)",
                    .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}},
                               {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}},
                               {"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0}}},
                    .expected = {kMissing, kMissing, kMissing, 49.10714285714286, 66.2202380952381,
                                 53.11011904761905}},
        .outputs = {"k", "d", "j"}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_kdj_plugin
