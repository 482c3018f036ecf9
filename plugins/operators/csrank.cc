#include <limits>

#include "orrery/factor/cross_section.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::csrank_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

constexpr CrossSection kFunction = {"csrank", rank_row, true};

Operand lower(GraphBuilder& graph, const OperatorCall& call) { return graph.across(kFunction, {call[0]}); }

}  // namespace

void add_to(Registry& registry) {
  registry.add("CSRank",
               {{.name = "CSRank",
                 .summary = "Rank among all instruments of the row, from 1 over their number for the "
                            "smallest to 1 for the greatest; equal values share the average rank",
                 .arguments = {series_argument()},
                 .missing = "missing values take no part and stay missing",
                 .warm_up = "none",
                 .source = "pandas 2.2, DataFrame.rank(axis=1, pct=True)",
                 .example = {.expression = "CSRank($a)",
                             .fields = {{"a", {3.0, 1.0, kMissing, 2.0, 2.0}}},
                             .expected = {1.0, 0.25, kMissing, 0.625, 0.625},
                             .across = true}},
                lower});
}

}  // namespace orrery::plugins::operators::csrank_plugin
