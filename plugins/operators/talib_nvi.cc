#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/volume_index.h"

namespace orrery::plugins::operators::talib_nvi_plugin {
namespace {

using kernels::DoubleLanes;

struct Moves {
  static auto on(DoubleLanes volume, DoubleLanes before) { return volume < before; }
};

constexpr kernels::Kernel kKernel = observation_kernel<VolumeIndex<Moves>>("talib_nvi");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0], call[1]}, {}, 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:NVI",
      {{.name = "talib:NVI",
        .summary =
            "Negative volume index: 1000, moved with the close on days of less volume than the day before",
        .arguments = bar_arguments("cv"),
        .missing = "a row on which an input is missing changes nothing and has no value",
        .warm_up = "none; the first value stands for no change",
        .source = "TA-Lib 0.8 (C), TA_NVI",
        .example = {.expression = "talib:NVI($c, $v)",
                    .fields = {{"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0}},
                               {"v", {100.0, 200.0, 150.0, 300.0, 250.0, 100.0}}},
                    .expected = {1000.0, 1000.0, 1600.0, 1600.0, 2514.285714285714, 2285.714285714286}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_nvi_plugin
