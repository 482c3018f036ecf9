#include <limits>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::decay_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;
using kernels::finite_lanes;
using kernels::LaneWindow;

struct GeometricDecay {
  static DoubleLanes of(const LaneWindow& window) {
    DoubleLanes weights{};
    DoubleLanes products{};
    for (int ago = window.rows() - 1; ago >= 0; --ago) {
      const DoubleLanes value = window.value(ago);
      weights *= window.number(1);
      products *= window.number(1);
      weights = finite_lanes(value) ? weights + 1.0 : weights;
      products = finite_lanes(value) ? products + value : products;
    }
    return products / weights;
  }
};

constexpr kernels::Kernel kKernel = {"decay", kernels::scan_windows<GeometricDecay>};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(1);
  return graph.custom(kKernel, call[0], {static_cast<double>(window), call.number(2)}, window - 1);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "Decay",
      {{.name = "Decay",
        .summary = "Mean of the window with weights that fall by the factor from each row to the one before",
        .arguments = {series_argument(),
                      window_argument(1),
                      {.name = "factor",
                       .kind = ArgumentKind::kNumber,
                       .summary = "what a weight is of the next one",
                       .minimum = 0.0,
                       .maximum = 1.0}},
        .missing = "missing values are left out with their weights; none left: missing",
        .warm_up = "the first rows use the part of the window that there is",
        .source = "WorldQuant BRAIN, ts_decay_exp_window(x, d, factor)",
        .example = {.expression = "Decay($a, 3, 0.5)",
                    .fields = {{"a", {3.0, 1.0, kMissing, 2.0, 6.0}}},
                    .expected = {3.0, 1.6666666666666667, 1.6666666666666667, 1.8, 4.666666666666667}}},
       lower});
}

}  // namespace orrery::plugins::operators::decay_plugin
