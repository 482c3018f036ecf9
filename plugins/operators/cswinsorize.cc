#include <algorithm>
#include <limits>
#include <span>

#include "orrery/factor/cross_section.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::cswinsorize_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// Interpolated linearly between the sorted values.
double quantile(std::span<const double> sorted, double level) {
  const double place = level * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const double fraction = place - static_cast<double>(low);
  return fraction == 0.0 ? sorted[low] : sorted[low] + (sorted[low + 1] - sorted[low]) * fraction;
}

void run(const CrossRow& row) {
  const auto present = present_instruments(row, 1);
  if (present.empty()) return;
  auto& values = row.scratch->values;
  values.clear();
  for (const std::uint32_t i : present) values.push_back(row.inputs[0][i]);
  std::sort(values.begin(), values.end());
  const double low = quantile(values, row.constants[0]);
  const double high = quantile(values, 1.0 - row.constants[0]);
  for (const std::uint32_t i : present) row.output[i] = std::clamp(row.inputs[0][i], low, high);
}

constexpr CrossSection kFunction = {"cswinsorize", run};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.across(kFunction, {call[0]}, {call.number(1)});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("CSWinsorize",
               {{.name = "CSWinsorize",
                 .summary = "The value, but no less than the quantile `level` of the row and no more than "
                            "the quantile 1 - `level`",
                 .arguments = {series_argument(),
                               number_argument("level", "share of the values that is cut at each end", 0.01,
                                               0.0, 0.5)},
                 .missing = "missing values take no part and stay missing",
                 .warm_up = "none",
                 .source = "pandas 2.2, clip at DataFrame.quantile(axis=1)",
                 .example = {.expression = "CSWinsorize($a, 0.25)",
                             .fields = {{"a", {1.0, 2.0, 3.0, 4.0, kMissing, 100.0}}},
                             .expected = {2.0, 2.0, 3.0, 4.0, kMissing, 4.0},
                             .across = true}},
                lower});
}

}  // namespace orrery::plugins::operators::cswinsorize_plugin
