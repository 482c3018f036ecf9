#include "orrery/factor/operator_call.h"
#include "plugins/operators/across/moments.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::group_zscore_plugin {
namespace {

void run(const CrossRow& row) {
  const CrossGroups groups = group_instruments(row, 1, row.inputs.size());
  for (std::size_t g = 0; g < groups.size(); ++g) write_scores(row, groups.group(g));
}

constexpr CrossSection kFunction = {"group_zscore", run};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.across(kFunction, {call[0], call[1]});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "GroupZScore",
      {{.name = "GroupZScore",
        .summary = "The value less the mean of its group on the row, over the standard deviation (n - 1) of "
                   "the group",
        .arguments = {series_argument(), group_argument()},
        .missing = "missing values take no part; missing where the group is unknown or has one value only",
        .warm_up = "none",
        .source = "pandas 2.2, groupby(group) on a row",
        .example = {.expression = "GroupZScore($a, $sector)",
                    .fields = {{"a", {1.0, 1.0, 2.0, 2.0, 3.0}}},
                    .expected = {-1.0, -0.7071067811865476, 0.0, 0.7071067811865476, 1.0},
                    .across = true,
                    .sectors = {"x", "y", "x", "y", "x"}}},
       lower});
}

}  // namespace orrery::plugins::operators::group_zscore_plugin
