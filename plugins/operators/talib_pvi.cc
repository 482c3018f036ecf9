#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/volume_index.h"

namespace orrery::plugins::operators::talib_pvi_plugin {
namespace {

using kernels::DoubleLanes;

struct Moves {
  static auto on(DoubleLanes volume, DoubleLanes before) { return volume > before; }
};

constexpr kernels::Kernel kKernel = observation_kernel<VolumeIndex<Moves>>("talib_pvi");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0], call[1]}, {}, 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:PVI",
      {{.name = "talib:PVI",
        .summary =
            "Positive volume index: 1000, moved with the close on days of more volume than the day before",
        .arguments = bar_arguments("cv"),
        .missing = "a row on which an input is missing changes nothing and has no value",
        .warm_up = "none; the first value stands for no change",
        .source = "TA-Lib 0.8 (C), TA_PVI",
        .example = {.expression = "talib:PVI($c, $v)",
                    .fields = {{"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0}},
                               {"v", {100.0, 200.0, 150.0, 300.0, 250.0, 100.0}}},
                    .expected = {1000.0, 1666.6666666666665, 1666.6666666666665, 1458.3333333333333,
                                 1458.3333333333333, 1458.3333333333333}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_pvi_plugin
