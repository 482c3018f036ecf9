#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/across/moments.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::group_mean_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

void run(const CrossRow& row) {
  const CrossGroups groups = group_instruments(row, 1, row.inputs.size());
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const double mean = mean_of(row, groups.group(g));
    for (const std::uint32_t i : groups.group(g)) row.output[i] = mean;
  }
}

constexpr CrossSection kFunction = {"group_mean", run};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.across(kFunction, {call[0], call[1]});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("GroupMean", {{.name = "GroupMean",
                              .summary = "Mean of the instruments of the same group on the row",
                              .arguments = {series_argument(), group_argument()},
                              .missing = "missing values take no part; missing where the group is unknown",
                              .warm_up = "none",
                              .source = "pandas 2.2, groupby(group).transform(\"mean\") on a row",
                              .example = {.expression = "GroupMean($a, $sector)",
                                          .fields = {{"a", {3.0, 1.0, kMissing, 2.0, 6.0}}},
                                          .expected = {4.5, 1.5, kMissing, 1.5, 4.5},
                                          .across = true,
                                          .sectors = {"x", "y", "x", "y", "x"}}},
                             lower});
}

}  // namespace orrery::plugins::operators::group_mean_plugin
