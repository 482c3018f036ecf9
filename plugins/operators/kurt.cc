#include <limits>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/central/moments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::kurt_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;

struct Kurtosis {
  static DoubleLanes of(const kernels::LaneWindow& window) {
    const CentralMoments moments = central_moments(window);
    const DoubleLanes n = moments.count;
    const DoubleLanes ratio = (n * n - 1.0) * moments.fourth / (moments.second * moments.second);
    const DoubleLanes shape = (ratio - 3.0 * (n - 1.0) * (n - 1.0)) / ((n - 2.0) * (n - 3.0));
    return shape_or_missing(moments, shape, -3.0, 4.0);
  }
};

constexpr kernels::Kernel kKurtosis = {"kurtosis", kernels::scan_windows<Kurtosis>};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(1);
  return graph.custom(kKurtosis, call[0], {static_cast<double>(window)}, window - 1);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Kurt",
               {{.name = "Kurt",
                 .summary = "Excess kurtosis of the window, corrected for its length",
                 .arguments = {series_argument(), window_argument(4)},
                 .missing = "missing values are left out of the window; fewer than four left: missing",
                 .warm_up = "the first rows use the part of the window that there is",
                 .source = "qlib 0.9.7, qlib.data.ops.Kurt",
                 .example = {.expression = "Kurt($a, 5)",
                             .fields = {{"a", {1.0, 2.0, 4.0, kMissing, 8.0}}},
                             .expected = {kMissing, kMissing, kMissing, kMissing, 0.7576559546313799}},
                 .aliases = {"TsKurtosis"}},
                lower});
}

}  // namespace orrery::plugins::operators::kurt_plugin
