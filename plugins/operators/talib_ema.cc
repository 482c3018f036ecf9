#include <limits>
#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/seeded_mean.h"

namespace orrery::plugins::operators::talib_ema_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

constexpr kernels::Kernel kKernel = observation_kernel<SeededMean>("talib_ema");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0]}, {call.number(1), 2.0 / (call.number(1) + 1.0)},
                      0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:EMA",
               {{.name = "talib:EMA",
                 .summary = "Exponential mean that begins with the mean of its first window",
                 .arguments = {series_argument(), period_argument(30.0)},
                 .missing = "a row on which an input is missing changes nothing and has no value",
                 .warm_up = "missing for the first `timeperiod - 1` observations",
                 .source = "TA-Lib 0.6 (C), TA_EMA",
                 .example = {.expression = "talib:EMA($a, 3)",
                             .fields = {{"a", {1.0, 2.0, 6.0, kMissing, 5.0}}},
                             .expected = {kMissing, kMissing, 3.0, kMissing, 4.0}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_ema_plugin
