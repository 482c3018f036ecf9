#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/lane_observations.h"
#include "plugins/operators/talib/parabolic_stop.h"

namespace orrery::plugins::operators::talib_sarext_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

constexpr kernels::Kernel kKernel = lane_observation_kernel<ParabolicStop>("talib_sarext");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  std::vector<double> constants;
  for (std::size_t i = 2; i < call.size(); ++i) constants.push_back(call.number(i));
  constants.push_back(1.0);
  return graph.custom(kKernel, std::vector<Operand>{call[0], call[1]}, std::move(constants), 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:SAREXT",
      {{.name = "talib:SAREXT",
        .summary = "Parabolic stop and reverse with its own settings for long and short positions; negative "
                   "where the position is short",
        .arguments = bar_arguments(
            "hl",
            {number_argument("startvalue",
                             "0: direction and stop from the first two bars; above: long from that stop; "
                             "below: short from its size",
                             0.0),
             number_argument("offsetonreverse", "share of the stop that it is moved away by on a reverse",
                             0.0, 0.0, 1000000000.0),
             number_argument("accelerationinitlong", "acceleration at first of a long position", 0.02, 0.0,
                             1000000000.0),
             number_argument("accelerationlong", "acceleration with each new extreme of a long position",
                             0.02, 0.0, 1000000000.0),
             number_argument("accelerationmaxlong", "most acceleration of a long position", 0.2, 0.0,
                             1000000000.0),
             number_argument("accelerationinitshort", "acceleration at first of a short position", 0.02, 0.0,
                             1000000000.0),
             number_argument("accelerationshort", "acceleration with each new extreme of a short position",
                             0.02, 0.0, 1000000000.0),
             number_argument("accelerationmaxshort", "most acceleration of a short position", 0.2, 0.0,
                             1000000000.0)}),
        .missing = "a row on which an input is missing changes nothing and has no value",
        .warm_up = "missing for the first observation",
        .source = "TA-Lib 0.8 (C), TA_SAREXT",
        .example = {.expression = "talib:SAREXT($h, $l)",
                    .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}}, {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}}},
                    .expected = {kMissing, 1.0, 1.04, 1.1984000000000001, 1.350464, 1.62943616}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_sarext_plugin
