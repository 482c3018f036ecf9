#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators::talib_pvt_plugin {
namespace {

using kernels::DoubleLanes;

/// State: observations, the close before, the total.
struct Line {
  static constexpr int kInputs = 2;
  static constexpr int kStates = 3;
  static constexpr int kOutputs = 1;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double*, DoubleLanes* out) {
    const auto moves = (s[0] > 0.0) & (s[1] != 0.0);
    s[2] = moves ? s[2] + (in[0] - s[1]) / s[1] * in[1] : s[2];
    out[0] = s[2];
    s[0] += 1.0;
    s[1] = in[0];
  }
};

constexpr kernels::Kernel kKernel = observation_kernel<Line>("talib_pvt");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0], call[1]}, {}, 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:PVT",
      {{.name = "talib:PVT",
        .summary =
            "Price and volume trend: running total of the volumes times the relative change of the close",
        .arguments = bar_arguments("cv"),
        .missing = "a row on which an input is missing changes nothing and has no value",
        .warm_up = "none; the first value stands for no change",
        .source = "TA-Lib 0.8 (C), TA_PVT",
        .example = {.expression = "talib:PVT($c, $v)",
                    .fields = {{"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0}},
                               {"v", {100.0, 200.0, 150.0, 300.0, 250.0, 100.0}}},
                    .expected = {0.0, 133.33333333333331, 223.33333333333331, 185.83333333333331,
                                 328.69047619047615, 319.5995670995671}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_pvt_plugin
