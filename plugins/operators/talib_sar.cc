#include <limits>
#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/lane_observations.h"
#include "plugins/operators/talib/parabolic_stop.h"

namespace orrery::plugins::operators::talib_sar_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

constexpr kernels::Kernel kKernel = lane_observation_kernel<ParabolicStop>("talib_sar");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const double step = call.number(2);
  const double most = call.number(3);
  return graph.custom(kKernel, std::vector<Operand>{call[0], call[1]},
                      {0.0, 0.0, step, step, most, step, step, most, 0.0}, 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:SAR",
      {{.name = "talib:SAR",
        .summary = "Parabolic stop and reverse of Wilder",
        .arguments = bar_arguments(
            "hl", {number_argument("acceleration", "acceleration at first, and with each new extreme", 0.02,
                                   0.0, 1000000000.0),
                   number_argument("maximum", "most acceleration", 0.2, 0.0, 1000000000.0)}),
        .missing = "a row on which an input is missing changes nothing and has no value",
        .warm_up = "missing for the first observation",
        .source = "TA-Lib 0.8 (C), TA_SAR",
        .example = {.expression = "talib:SAR($h, $l, 0.02, 0.2)",
                    .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}}, {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}}},
                    .expected = {kMissing, 1.0, 1.04, 1.1984000000000001, 1.350464, 1.62943616}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_sar_plugin
