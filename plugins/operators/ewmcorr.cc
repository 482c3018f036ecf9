#include <limits>
#include <vector>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/exponential/moments.h"
#include "plugins/operators/exponential/span.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::ewmcorr_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;

struct Correlation {
  static DoubleLanes of(const ExponentialMoments& m) {
    const DoubleLanes squares = m.squares_x * m.squares_y;
    return squares > 0.0 ? m.products / kernels::square_roots(squares) : kernels::all_lanes(kMissing);
  }
};

constexpr kernels::Kernel kKernel = exponential_moments_kernel<Correlation, 0, 1>("ewm_corr");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0], call[1]}, {kept_of_span(call.number(2))}, 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "EWMCorr",
      {{.name = "EWMCorr",
        .summary = "Exponentially weighted correlation of two series over all rows so far",
        .arguments = {series_argument("left", "the first series"),
                      series_argument("right", "the second series"), span_argument()},
        .missing = "rows on which either one is missing count as missing; a missing row keeps the value and "
                   "lets its weight fall; missing where either one does not vary",
        .warm_up = "missing for the first value",
        .source = "pandas 2.2, ewm(adjust=True, ignore_na=False).corr()",
        .example = {.expression = "EWMCorr($a, $b, 3)",
                    .fields = {{"a", {1.0, 2.0, kMissing, 4.0}}, {"b", {2.0, 1.0, 5.0, 7.0}}},
                    .expected = {kMissing, -1.0, -1.0, 0.946089782253827}}},
       lower});
}

}  // namespace orrery::plugins::operators::ewmcorr_plugin
