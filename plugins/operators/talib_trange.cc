#include <limits>
#include <vector>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators::talib_trange_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::all_lanes;
using kernels::DoubleLanes;

/// State: observations, the close before.
struct TrueRange {
  static constexpr int kInputs = 3;
  static constexpr int kStates = 2;
  static constexpr int kOutputs = 1;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double* constants, DoubleLanes* out) {
    const DoubleLanes range = true_range(in[0], in[1], s[1]);
    out[0] = s[0] > 0.0 ? range : all_lanes(kMissing + constants[0]);
    s[0] += 1.0;
    s[1] = in[2];
  }
};

constexpr kernels::Kernel kKernel = observation_kernel<TrueRange>("talib_trange");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0], call[1], call[2]}, {0.0}, 0, 1, call.output());
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:TRANGE",
      {{.name = "talib:TRANGE",
        .summary = "True range: the greatest of the range of the bar and its distances from the close before",
        .arguments = bar_arguments("hlc"),
        .missing = "a row on which an input is missing changes nothing and has no value",
        .warm_up = "missing for the first observation",
        .source = "TA-Lib 0.6 (C), TA_TRANGE",
        .example = {.expression = "talib:TRANGE($h, $l, $c)",
                    .fields = {{"h", {2.0, 3.0, 5.0, kMissing, 6.0}},
                               {"l", {1.0, 2.0, 3.0, 3.0, 5.0}},
                               {"c", {1.0, 3.0, 4.0, 4.0, 5.0}}},
                    .expected = {kMissing, 2.0, 2.0, kMissing, 2.0}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_trange_plugin
