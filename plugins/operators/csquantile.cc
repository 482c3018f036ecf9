#include <algorithm>
#include <cmath>
#include <limits>

#include "orrery/factor/cross_section.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::csquantile_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

void run(const CrossRow& row) {
  const auto present = present_instruments(row, 1);
  rank_row(row);
  // A rank of exactly k parts belongs to part k; the product may miss it by a rounding.
  for (const std::uint32_t i : present)
    row.output[i] = std::max(1.0, std::ceil(row.output[i] * row.constants[0] - 1e-9));
}

constexpr CrossSection kFunction = {"csquantile", run};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.across(kFunction, {call[0]}, {std::floor(call.number(1))});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("CSQuantile",
               {{.name = "CSQuantile",
                 .summary = "Which of `buckets` equal parts of the row the value lies in by its rank: 1 for "
                            "the smallest values",
                 .arguments = {series_argument(), number_argument("buckets", "how many parts", 5.0, 1, 1000)},
                 .missing = "missing values take no part and stay missing",
                 .warm_up = "none",
                 .source = "rank (average of ties) over the count, times the buckets, rounded up",
                 .example = {.expression = "CSQuantile($a, 2)",
                             .fields = {{"a", {3.0, 1.0, kMissing, 2.0, 6.0}}},
                             .expected = {2.0, 1.0, kMissing, 1.0, 2.0},
                             .across = true}},
                lower});
}

}  // namespace orrery::plugins::operators::csquantile_plugin
