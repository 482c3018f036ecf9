#include <limits>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::wma_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;
using kernels::finite_lanes;
using kernels::LaneWindow;

/// qlib takes the mean of the products, so that the sum of weights and the number of values both divide.
struct WeightedMean {
  static DoubleLanes of(const LaneWindow& window) {
    DoubleLanes weight{};
    DoubleLanes weights{};
    DoubleLanes products{};
    DoubleLanes count{};
    for (int ago = window.rows() - 1; ago >= 0; --ago) {
      const DoubleLanes value = window.value(ago);
      weight = window.alive(ago) ? weight + 1.0 : weight;
      weights += weight;
      products = finite_lanes(value) ? products + weight * value : products;
      count = finite_lanes(value) ? count + 1.0 : count;
    }
    return products / weights / count;
  }
};

constexpr kernels::Kernel kWeightedMean = {"weighted_mean", kernels::scan_windows<WeightedMean>};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(1);
  return graph.custom(kWeightedMean, call[0], {static_cast<double>(window)}, window - 1);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("WMA",
               {{.name = "WMA",
                 .summary = "Mean of the window weighted by 1 for its oldest row up to its length for the "
                            "latest, over the number of values (as qlib has it)",
                 .arguments = {series_argument(), window_argument(1)},
                 .missing = "missing values are left out, their weights are not; none left: missing",
                 .warm_up = "the first rows use the part of the window that there is",
                 .source = "qlib 0.9.7, qlib.data.ops.WMA",
                 .example = {.expression = "WMA($a, 3)",
                             .fields = {{"a", {3.0, 6.0, 9.0, kMissing}}},
                             .expected = {3.0, 2.5, 2.3333333333333335, 2.0}}},
                lower});
}

}  // namespace orrery::plugins::operators::wma_plugin
