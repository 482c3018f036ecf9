#include <limits>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/central/moments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::skew_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;
using kernels::square_roots;

struct Skewness {
  static DoubleLanes of(const kernels::LaneWindow& window) {
    const CentralMoments moments = central_moments(window);
    const DoubleLanes n = moments.count;
    const DoubleLanes correction = square_roots(n * (n - 1.0)) / (n - 2.0);
    const DoubleLanes shape = correction * moments.third / (moments.second * square_roots(moments.second));
    return shape_or_missing(moments, shape, 0.0, 3.0);
  }
};

constexpr kernels::Kernel kSkewness = {"skewness", kernels::scan_windows<Skewness>};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(1);
  return graph.custom(kSkewness, call[0], {static_cast<double>(window)}, window - 1);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Skew",
               {{.name = "Skew",
                 .summary = "Skewness of the window, corrected for its length",
                 .arguments = {series_argument(), window_argument(3)},
                 .missing = "missing values are left out of the window; fewer than three left: missing",
                 .warm_up = "the first rows use the part of the window that there is",
                 .source = "qlib 0.9.7, qlib.data.ops.Skew",
                 .example = {.expression = "Skew($a, 4)",
                             .fields = {{"a", {1.0, 2.0, 4.0, kMissing, 8.0}}},
                             .expected = {kMissing, kMissing, 0.9352195295828237, 0.9352195295828237,
                                          0.9352195295828237}},
                 .aliases = {"TsSkewness"}},
                lower});
}

}  // namespace orrery::plugins::operators::skew_plugin
