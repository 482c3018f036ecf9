#include <limits>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;
using kernels::finite_lanes;
using kernels::LaneWindow;

struct LinearDecay {
  static DoubleLanes of(const LaneWindow& window) {
    DoubleLanes weights{};
    DoubleLanes products{};
    for (int ago = window.rows() - 1; ago >= 0; --ago) {
      const DoubleLanes value = window.value(ago);
      const double weight = window.rows() - ago;
      weights = finite_lanes(value) ? weights + weight : weights;
      products = finite_lanes(value) ? products + weight * value : products;
    }
    return products / weights;
  }
};

constexpr kernels::Kernel kKernel = {"decay_linear", kernels::scan_windows<LinearDecay>};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(1);
  return graph.custom(kKernel, call[0], {static_cast<double>(window)}, window - 1);
}

}  // namespace

void register_operators_decay_linear(Registry& registry) {
  registry.add("DecayLinear",
               {{.name = "DecayLinear",
                 .summary = "Mean of the window with weights that fall linearly, from its length for the "
                            "latest row to 1 for its oldest",
                 .arguments = {series_argument(), window_argument(1)},
                 .missing = "missing values are left out with their weights; none left: missing",
                 .warm_up = "the first rows use the part of the window that there is",
                 .source = "Kakushadze (2016), \"101 Formulaic Alphas\", decay_linear(x, d)",
                 .example = {.expression = "DecayLinear($a, 3)",
                             .fields = {{"a", {3.0, 1.0, kMissing, 2.0, 6.0}}},
                             .expected = {3.0, 1.8, 1.6666666666666667, 1.75, 4.4}}},
                lower});
}

}  // namespace orrery::plugins::operators
