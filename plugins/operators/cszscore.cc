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
  const auto present = present_instruments(row, 1);
  const double mean = mean_of(row, present);
  const double deviation = deviation_around(mean, row);
  for (const std::uint32_t i : present) row.output[i] = (row.inputs[0][i] - mean) / deviation;
}

constexpr CrossSection kFunction = {"cszscore", run};

Operand lower(GraphBuilder& graph, const OperatorCall& call) { return graph.across(kFunction, {call[0]}); }

}  // namespace

void register_operators_cszscore(Registry& registry) {
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

}  // namespace orrery::plugins::operators
