#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/across/moments.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::cszscore_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

void run(const CrossRow& row) { write_scores(row, present_instruments(row, 1)); }

constexpr CrossSection kFunction = {"cszscore", run};

Operand lower(GraphBuilder& graph, const OperatorCall& call) { return graph.across(kFunction, {call[0]}); }

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "CSZScore",
      {{.name = "CSZScore",
        .summary =
            "The value less the mean of all instruments of the row, over their standard deviation (n - 1)",
        .arguments = {series_argument()},
        .missing = "missing values take no part and stay missing; missing where all values are the same",
        .warm_up = "none",
        .source = "the common definition",
        .example = {.expression = "CSZScore($a)",
                    .fields = {{"a", {1.0, 2.0, kMissing, 3.0}}},
                    .expected = {-1.0, 0.0, kMissing, 1.0},
                    .across = true}},
       lower});
}

}  // namespace orrery::plugins::operators::cszscore_plugin
