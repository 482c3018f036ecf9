#include <limits>
#include <vector>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators::fisher_transform_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;

/// Where the value lies in its range, from -0.5 to 0.5, smoothed and kept off -1 and 1. State: observations,
/// the smoothed place; the first observation counts as the middle.
struct SmoothedPlace {
  static constexpr int kInputs = 1;
  static constexpr int kStates = 2;
  static constexpr int kOutputs = 1;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double*, DoubleLanes* out) {
    DoubleLanes place = s[0] > 0.0 ? 0.66 * in[0] + 0.67 * s[1] : DoubleLanes{};
    place = place < -0.99 ? kernels::all_lanes(-0.999) : place;
    place = place > 0.99 ? kernels::all_lanes(0.999) : place;
    s[0] += 1.0;
    s[1] = place;
    out[0] = place;
  }
};

constexpr kernels::Kernel kKernel = observation_kernel<SmoothedPlace>("fisher_transform");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const Operand place =
      lower_text(graph, "let q = talib:MIN(x, n); (x - q)/Greater(talib:MAX(x, n) - q, 0.001) - 0.5",
                 {{"x", call[0]}, {"n", call[1]}});
  const Operand smoothed = graph.custom(kKernel, std::vector<Operand>{place}, {}, 0);
  return lower_text(graph, "LeakySum(0.5*Log((1 + v)/(1 - v)), 0.5)", {{"v", smoothed}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "FisherTransform",
      {{.name = "FisherTransform",
        .summary = "Fisher transform of where the value lies in the range of the window, smoothed, "
                   "and smoothed again",
        .arguments = {series_argument(), window_argument(2)},
        .missing = "missing unless all rows of the window have values; the memory stays",
        .warm_up = "missing until the window is full, then 0 at first",
        .source = "Ehlers (2002), \"Using the Fisher Transform\", as pandas-ta-classic 0.8.32 has it",
        .example = {.expression = "FisherTransform($a, 2)",
                    .fields = {{"a", {1.0, 2.0, 1.5, 4.0, 3.0}}},
                    .expected = {kMissing, 0.0, -0.34282825441539394, -0.06208054853744893,
                                 -0.29397347324776607}}},
       lower});
}

}  // namespace orrery::plugins::operators::fisher_transform_plugin
