#include <algorithm>
#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/across/moments.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::csmean_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

void run(const CrossRow& row) {
  std::fill_n(row.output, row.instruments, mean_of(row, present_instruments(row, 1)));
}

constexpr CrossSection kFunction = {"csmean", run};

Operand lower(GraphBuilder& graph, const OperatorCall& call) { return graph.across(kFunction, {call[0]}); }

}  // namespace

void add_to(Registry& registry) {
  registry.add("CSMean",
               {{.name = "CSMean",
                 .summary = "Mean of all instruments of the row, the same for each of them: of returns the "
                            "return of the market in equal weights",
                 .arguments = {series_argument()},
                 .missing = "missing values take no part; nobody has one: missing",
                 .warm_up = "none",
                 .source = "pandas 2.2, DataFrame.mean(axis=1)",
                 .example = {.expression = "CSMean($a)",
                             .fields = {{"a", {3.0, 1.0, kMissing, 2.0, 6.0}}},
                             .expected = {3.0, 3.0, 3.0, 3.0, 3.0},
                             .across = true}},
                lower});
}

}  // namespace orrery::plugins::operators::csmean_plugin
