#include <cmath>
#include <limits>

#include "orrery/factor/cross_section.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::scale_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

void run(const CrossRow& row) {
  const auto present = present_instruments(row, 1);
  auto& values = row.scratch->values;
  values.clear();
  for (const std::uint32_t i : present) values.push_back(std::fabs(row.inputs[0][i]));
  const double factor = row.constants[0] / lane_sum(values);
  for (const std::uint32_t i : present) row.output[i] = row.inputs[0][i] * factor;
}

constexpr CrossSection kFunction = {"scale", run};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.across(kFunction, {call[0]}, {call.number(1)});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "Scale",
      {{.name = "Scale",
        .summary = "The value times what makes the sum of all absolute values of the row equal to `sum`",
        .arguments = {series_argument(),
                      number_argument("sum", "what the absolute values add up to", 1.0, 1e-9, 1e9)},
        .missing = "missing values take no part and stay missing; missing where all are 0",
        .warm_up = "none",
        .source = "Kakushadze (2016), \"101 Formulaic Alphas\", scale(x, a)",
        .example = {.expression = "Scale($a)",
                    .fields = {{"a", {3.0, -1.0, kMissing, 4.0}}},
                    .expected = {0.375, -0.125, kMissing, 0.5},
                    .across = true}},
       lower});
}

}  // namespace orrery::plugins::operators::scale_plugin
