#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators::talib_wad_plugin {
namespace {

using kernels::DoubleLanes;

/// State: observations, the close before, the total.
struct Line {
  static constexpr int kInputs = 3;
  static constexpr int kStates = 3;
  static constexpr int kOutputs = 1;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double*, DoubleLanes* out) {
    const DoubleLanes low = in[1] < s[1] ? in[1] : s[1];
    const DoubleLanes high = greater_lanes(in[0], s[1]);
    const DoubleLanes falls = in[2] < s[1] ? in[2] - high : DoubleLanes{};
    const DoubleLanes moved = in[2] > s[1] ? in[2] - low : falls;
    s[2] = s[0] > 0.0 ? s[2] + moved : s[2];
    out[0] = s[2];
    s[0] += 1.0;
    s[1] = in[2];
  }
};

constexpr kernels::Kernel kKernel = observation_kernel<Line>("talib_wad");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0], call[1], call[2]}, {}, 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:WAD",
      {{.name = "talib:WAD",
        .summary = "Accumulation and distribution of Williams: running total of how far the close stands "
                   "from the true low on days that rise, and from the true high on days that fall",
        .arguments = bar_arguments("hlc"),
        .missing = "a row on which an input is missing changes nothing and has no value",
        .warm_up = "none; the first value stands for no change",
        .source = "TA-Lib 0.8 (C), TA_WAD",
        .example = {.expression = "talib:WAD($h, $l, $c)",
                    .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}},
                               {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}},
                               {"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0}}},
                    .expected = {0.0, 1.0, 2.5, 1.5, 3.5, 2.0}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_wad_plugin
