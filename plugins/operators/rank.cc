#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::rank_plugin {
namespace {

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.rolling_rank(call[0], call.rows(1));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Rank",
               {{.name = "Rank",
                 .summary = "Rank of the latest value among the values of the window, over their number; "
                            "equal values share their mean rank",
                 .arguments = {series_argument(), window_argument(1)},
                 .missing = "missing values are left out of the window; missing where the latest one is",
                 .warm_up = "the first rows use the part of the window that there is",
                 .source = "qlib 0.9.7, qlib.data.ops.Rank",
                 .example = {.expression = "Rank($a, 4)",
                             .fields = {{"a", {3.0, 1.0, 2.0, 2.0, 4.0}}},
                             .expected = {1.0, 0.5, 0.6666666666666666, 0.625, 1.0}},
                 .aliases = {"TsRank"}},
                lower});
}

}  // namespace orrery::plugins::operators::rank_plugin
