#include <limits>
#include <span>

#include "orrery/factor/cross_section.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::group_rank_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

void run(const CrossRow& row) {
  const CrossGroups groups = group_instruments(row, 1, row.inputs.size());
  auto& members = row.scratch->order;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto begin = members.begin() + static_cast<std::ptrdiff_t>(groups.bounds[g]);
    const std::span<std::uint32_t> group(begin, groups.group(g).size());
    sort_by_value(group, row.input(0));
    write_ranks(row, group);
  }
}

constexpr CrossSection kFunction = {"group_rank", run};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.across(kFunction, {call[0], call[1]});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("GroupRank",
               {{.name = "GroupRank",
                 .summary = "Rank among the instruments of the same group on the row, over their number; "
                            "equal values share the average rank",
                 .arguments = {series_argument(), group_argument()},
                 .missing = "missing values take no part; missing where the group is unknown",
                 .warm_up = "none",
                 .source = "pandas 2.2, groupby(group).rank(pct=True) on a row",
                 .example = {.expression = "GroupRank($a, $sector)",
                             .fields = {{"a", {3.0, 1.0, kMissing, 2.0, 6.0}}},
                             .expected = {0.5, 0.5, kMissing, 1.0, 1.0},
                             .across = true,
                             .sectors = {"x", "y", "x", "y", "x"}}},
                lower});
}

}  // namespace orrery::plugins::operators::group_rank_plugin
