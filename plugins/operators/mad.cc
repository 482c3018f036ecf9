#include <limits>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::mad_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::absolute_lanes;
using kernels::DoubleLanes;
using kernels::finite_lanes;
using kernels::LaneWindow;

struct MeanAbsoluteDeviation {
  static DoubleLanes of(const LaneWindow& window) {
    DoubleLanes count{};
    DoubleLanes sum{};
    for (int ago = window.rows() - 1; ago >= 0; --ago) {
      const DoubleLanes value = window.value(ago);
      count = finite_lanes(value) ? count + 1.0 : count;
      sum = finite_lanes(value) ? sum + value : sum;
    }
    const DoubleLanes mean = sum / count;
    DoubleLanes distances{};
    for (int ago = window.rows() - 1; ago >= 0; --ago) {
      const DoubleLanes value = window.value(ago);
      distances = finite_lanes(value) ? distances + absolute_lanes(value - mean) : distances;
    }
    return distances / count;
  }
};

constexpr kernels::Kernel kMeanAbsoluteDeviation = {"mean_absolute_deviation",
                                                    kernels::scan_windows<MeanAbsoluteDeviation>};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(1);
  return graph.custom(kMeanAbsoluteDeviation, call[0], {static_cast<double>(window)}, window - 1);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Mad", {{.name = "Mad",
                        .summary = "Mean absolute deviation of the window from its mean",
                        .arguments = {series_argument(), window_argument(1)},
                        .missing = "missing values are left out of the window; none left: missing",
                        .warm_up = "the first rows use the part of the window that there is",
                        .source = "qlib 0.9.7, qlib.data.ops.Mad",
                        .example = {.expression = "Mad($a, 3)",
                                    .fields = {{"a", {3.0, 1.0, kMissing, 2.0, 6.0}}},
                                    .expected = {0.0, 1.0, 1.0, 0.5, 2.0}}},
                       lower});
}

}  // namespace orrery::plugins::operators::mad_plugin
