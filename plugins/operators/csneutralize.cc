#include <cmath>
#include <limits>
#include <span>

#include "orrery/factor/cross_section.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::csneutralize_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// Takes the mean of each group out of a column, which holds a value a member.
void demean(const CrossGroups& groups, std::span<double> column) {
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto part = column.subspan(groups.bounds[g], groups.bounds[g + 1] - groups.bounds[g]);
    const double mean = lane_sum(part) / static_cast<double>(part.size());
    for (double& value : part) value -= mean;
  }
}

/// Sum of products; `products` is room for them.
double inner_product(std::span<const double> left, std::span<const double> right,
                     std::vector<double>& products) {
  products.resize(left.size());
  for (std::size_t i = 0; i < left.size(); ++i) products[i] = left[i] * right[i];
  return lane_sum(products);
}

/// Takes out of `column` what `direction` explains of it. A direction without length explains nothing:
/// `least` is the square below which one counts as such.
void project_out(std::span<const double> direction, std::span<double> column, double least,
                 std::vector<double>& products) {
  const double length = inner_product(direction, direction, products);
  if (!(length > least)) return;
  const double share = inner_product(direction, column, products) / length;
  for (std::size_t i = 0; i < column.size(); ++i) column[i] -= share * direction[i];
}

/// Groups alone leave the value less its group's mean.
void neutralize_by_groups(const CrossRow& row, const CrossGroups& groups) {
  auto& column = row.scratch->columns;
  column.clear();
  for (const std::uint32_t i : groups.members) column.push_back(row.inputs[0][i]);
  demean(groups, column);
  for (std::size_t i = 0; i < column.size(); ++i) row.output[groups.members[i]] = column[i];
}

/// Inputs: the value, then constants[0] exposures, then groups. By the theorem of Frisch, Waugh and Lovell a
/// regression on group dummies and exposures leaves what is left when the groups' means are taken out of
/// everything, then the exposures one after another out of each other and of the value (Gram-Schmidt).
void run(const CrossRow& row) {
  const auto exposures = static_cast<std::size_t>(row.constants[0]);
  // Exposures are made missing together with the value before (see lower), so that groups and value decide.
  const CrossGroups groups = group_instruments(row, 1 + exposures, row.inputs.size());
  const std::size_t count = groups.members.size();
  auto& columns = row.scratch->columns;
  columns.resize((exposures + 1) * count);
  const auto column = [&](std::size_t k) { return std::span<double>(columns).subspan(k * count, count); };
  if (exposures == 0) return neutralize_by_groups(row, groups);
  for (std::size_t k = 0; k <= exposures; ++k) {
    const std::span<const double> from = row.input((k + 1) % (exposures + 1));  // the value comes last
    for (std::size_t i = 0; i < count; ++i) column(k)[i] = from[groups.members[i]];
    const double before = inner_product(column(k), column(k), row.scratch->values);
    demean(groups, column(k));
    // What earlier exposures leave of one that they explain is rounding alone.
    const double least = 1e-18 * before;
    for (std::size_t earlier = 0; earlier < k; ++earlier) {
      project_out(column(earlier), column(k), 0.0, row.scratch->values);
    }
    if (k < exposures && !(inner_product(column(k), column(k), row.scratch->values) > least)) {
      for (double& value : column(k)) value = 0.0;
    }
  }
  for (std::size_t i = 0; i < count; ++i) row.output[groups.members[i]] = column(exposures)[i];
}

constexpr CrossSection kNeutralize = {"csneutralize", run};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  Operand value = call[0];
  std::vector<Operand> exposures;
  std::vector<Operand> groups;
  for (std::size_t i = 1; i < call.size(); ++i) {
    (call[i].type == ValueType::kGroup ? groups : exposures).push_back(call[i]);
  }
  // Who lacks an exposure takes no part: zero times an exposure is missing where it is missing or infinite.
  for (const Operand& exposure : exposures) {
    const Operand nothing = graph.arithmetic(Arithmetic::kMultiply, exposure, graph.number(0.0));
    value = graph.arithmetic(Arithmetic::kAdd, value, nothing);
  }
  std::vector<Operand> inputs = {value};
  inputs.insert(inputs.end(), exposures.begin(), exposures.end());
  inputs.insert(inputs.end(), groups.begin(), groups.end());
  return graph.across(kNeutralize, inputs, {static_cast<double>(exposures.size())});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "CSNeutralize",
      {{.name = "CSNeutralize",
        .summary = "What a regression of the row's values on groups and exposures leaves: with groups alone "
                   "the value "
                   "less the mean of its group; with series also what they explain. Several groups: their "
                   "combinations",
        .arguments = {series_argument(),
                      {.name = "by",
                       .kind = ArgumentKind::kExposure,
                       .summary = "groups, such as $sector, and exposures, such as Log($dollar_volume)",
                       .repeats = true}},
        .missing = "who lacks the value, an exposure or a group takes no part and stays missing",
        .warm_up = "none",
        .source = "ordinary least squares with an intercept (a dummy a group); Kakushadze (2016), "
                  "\"101 Formulaic Alphas\", indneutralize(x, g)",
        .example = {.expression = "CSNeutralize($a, $sector)",
                    .fields = {{"a", {3.0, 1.0, kMissing, 2.0, 6.0}}},
                    .expected = {-1.5, -0.5, kMissing, 0.5, 1.5},
                    .across = true,
                    .sectors = {"x", "y", "x", "y", "x"}},
        .aliases = {"IndNeutralize"}},
       lower});
}

}  // namespace orrery::plugins::operators::csneutralize_plugin
