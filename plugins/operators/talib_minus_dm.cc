#include <limits>
#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/directional_movement.h"

namespace orrery::plugins::operators::talib_minus_dm_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

constexpr kernels::Kernel kKernel = observation_kernel<MovementSum<4>>("talib_minus_dm");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0], call[1]}, {call.number(2)}, 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:MINUS_DM",
      {{.name = "talib:MINUS_DM",
        .summary = "Falling movement of the highs and lows, smoothed by Wilder",
        .arguments = bar_arguments("hl", {period_argument(14.0, 1.0)}),
        .missing = "a row on which an input is missing changes nothing and has no value",
        .warm_up = "missing for the first `timeperiod - 1` observations",
        .source = "TA-Lib 0.8 (C), TA_MINUS_DM",
        .example = {.expression = "talib:MINUS_DM($h, $l, 2)",
                    .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}}, {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}}},
                    .expected = {kMissing, 0.0, 0.0, 0.0, 0.0, 0.0}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_minus_dm_plugin
