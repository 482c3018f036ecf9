#include <limits>
#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/seeded_mean.h"

namespace orrery::plugins::operators::talib_rma_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

constexpr kernels::Kernel kKernel = observation_kernel<SeededMean>("talib_rma");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0]}, {call.number(1), 1.0 / call.number(1)}, 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:RMA",
               {{.name = "talib:RMA",
                 .summary = "Mean of Wilder: exponential with a weight of 1 over the window, beginning with "
                            "the mean of its first window",
                 .arguments = {series_argument(), period_argument(30.0)},
                 .missing = "a row on which an input is missing changes nothing and has no value",
                 .warm_up = "missing for the first `timeperiod - 1` observations",
                 .source = "TA-Lib 0.8 (C), TA_RMA",
                 .example = {.expression = "talib:RMA($a, 2)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                             .expected = {kMissing, 1.5, 3.75, 4.375, 6.6875, 7.34375}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_rma_plugin
