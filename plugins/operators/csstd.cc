#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "orrery/factor/cross_section.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

double mean_of(const CrossRow& row, std::span<const std::uint32_t> present) {
  auto& values = row.scratch->values;
  values.clear();
  for (const std::uint32_t i : present) values.push_back(row.inputs[0][i]);
  return lane_sum(values) / static_cast<double>(values.size());
}

/// Standard deviation with n - 1; NaN of fewer than two. The values lie in the scratch.
double deviation_around(double mean, const CrossRow& row) {
  auto& values = row.scratch->values;
  for (double& value : values) value = (value - mean) * (value - mean);
  const auto count = static_cast<double>(values.size());
  return std::sqrt(lane_sum(values) / (count - 1.0));
}

void run(const CrossRow& row) {
  const double mean = mean_of(row, present_instruments(row, 1));
  std::fill_n(row.output, row.instruments, deviation_around(mean, row));
}

constexpr CrossSection kFunction = {"csstd", run};

Operand lower(GraphBuilder& graph, const OperatorCall& call) { return graph.across(kFunction, {call[0]}); }

}  // namespace

void register_operators_csstd(Registry& registry) {
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

}  // namespace orrery::plugins::operators
