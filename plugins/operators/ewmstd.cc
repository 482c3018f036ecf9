#include <limits>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/exponential/moments.h"
#include "plugins/operators/exponential/span.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::ewmstd_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;

/// The variance with its bias taken out: V1^2 / (V1^2 - V2) for sums of weights V1 and squared weights V2.
/// The difference is kept as the sum of the products of pairs of weights, which loses no digits.
struct Deviation {
  static DoubleLanes of(const ExponentialMoments& m) {
    const DoubleLanes variance = m.weights * m.weights / m.pairs * m.squares_x;
    return m.pairs > 0.0 ? kernels::square_roots(variance) : kernels::all_lanes(kMissing);
  }
};

constexpr kernels::Kernel kKernel = exponential_moments_kernel<Deviation, 0, 0>("ewm_std");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, call[0], {kept_of_span(call.number(1))}, 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "EWMStd",
      {{.name = "EWMStd",
        .summary = "Exponentially weighted standard deviation over all rows so far, without bias",
        .arguments = {series_argument(), span_argument()},
        .missing = "a missing row keeps the value and lets its weight fall; fewer than two values: missing",
        .warm_up = "missing for the first value",
        .source = "pandas 2.2, ewm(adjust=True, ignore_na=False).std()",
        .example = {.expression = "EWMStd($a, 3)",
                    .fields = {{"a", {1.0, 2.0, kMissing, 4.0}}},
                    .expected = {kMissing, 0.7071067811865476, 0.7071067811865476, 1.6290629680421054}}},
       lower});
}

}  // namespace orrery::plugins::operators::ewmstd_plugin
