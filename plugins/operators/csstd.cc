#include <algorithm>
#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/across/moments.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::csstd_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

void run(const CrossRow& row) {
  const auto present = present_instruments(row, 1);
  std::fill_n(row.output, row.instruments, deviation_around(mean_of(row, present), row, present));
}

constexpr CrossSection kFunction = {"csstd", run};

Operand lower(GraphBuilder& graph, const OperatorCall& call) { return graph.across(kFunction, {call[0]}); }

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "CSStd",
      {{.name = "CSStd",
        .summary = "Standard deviation (n - 1) of all instruments of the row, the same for each of them",
        .arguments = {series_argument()},
        .missing = "missing values take no part; fewer than two values: missing",
        .warm_up = "none",
        .source = "pandas 2.2, DataFrame.std(axis=1)",
        .example = {.expression = "CSStd($a)",
                    .fields = {{"a", {3.0, 1.0, kMissing, 2.0, 6.0}}},
                    .expected = {2.160246899469287, 2.160246899469287, 2.160246899469287, 2.160246899469287,
                                 2.160246899469287},
                    .across = true}},
       lower});
}

}  // namespace orrery::plugins::operators::csstd_plugin
