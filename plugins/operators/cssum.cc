#include <algorithm>
#include <limits>

#include "orrery/factor/cross_section.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::cssum_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

void run(const CrossRow& row) {
  auto& values = row.scratch->values;
  values.clear();
  for (const std::uint32_t i : present_instruments(row, 1)) values.push_back(row.inputs[0][i]);
  if (!values.empty()) std::fill_n(row.output, row.instruments, lane_sum(values));
}

constexpr CrossSection kFunction = {"cssum", run};

Operand lower(GraphBuilder& graph, const OperatorCall& call) { return graph.across(kFunction, {call[0]}); }

}  // namespace

void add_to(Registry& registry) {
  registry.add("CSSum", {{.name = "CSSum",
                          .summary = "Sum over all instruments of the row, the same for each of them",
                          .arguments = {series_argument()},
                          .missing = "missing values take no part; nobody has one: missing",
                          .warm_up = "none",
                          .source = "pandas 2.2, DataFrame.sum(axis=1, min_count=1)",
                          .example = {.expression = "CSSum($a)",
                                      .fields = {{"a", {3.0, 1.0, kMissing, 2.0, 6.0}}},
                                      .expected = {12.0, 12.0, 12.0, 12.0, 12.0},
                                      .across = true}},
                         lower});
}

}  // namespace orrery::plugins::operators::cssum_plugin
