#include <limits>
#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/directional_movement.h"

namespace orrery::plugins::operators::talib_plus_di_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

constexpr kernels::Kernel kKernel = observation_kernel<MovementShare<5>>("talib_plus_di");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0], call[1], call[2]}, {call.number(3)}, 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:PLUS_DI",
      {{.name = "talib:PLUS_DI",
        .summary =
            "Rising movement of the highs and lows over the true range, smoothed by Wilder, in per cent",
        .arguments = bar_arguments("hlc", {period_argument(14.0, 1.0)}),
        .missing = "a row on which an input is missing changes nothing and has no value",
        .warm_up = "missing for the first `timeperiod` observations",
        .source = "TA-Lib 0.8 (C), TA_PLUS_DI",
        .example = {.expression = "talib:PLUS_DI($h, $l, $c, 2)",
                    .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}},
                               {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}},
                               {"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0}}},
                    .expected = {kMissing, kMissing, 76.92307692307693, 40.0, 52.307692307692314,
                                 44.24778761061947}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_plus_di_plugin
