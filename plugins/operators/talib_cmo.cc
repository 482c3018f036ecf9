#include <limits>
#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/gains.h"

namespace orrery::plugins::operators::talib_cmo_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;

struct Balance {
  static DoubleLanes of(DoubleLanes gain, DoubleLanes loss) {
    return 100.0 * ((gain - loss) / (gain + loss));
  }
};

constexpr kernels::Kernel kKernel = observation_kernel<SmoothedGains<Balance>>("talib_cmo");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0]}, {call.number(1)}, 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:CMO",
      {{.name = "talib:CMO",
        .summary = "Momentum oscillator of Chande: smoothed gains less losses over both, from -100 to 100",
        .arguments = {series_argument(), period_argument(14.0)},
        .missing = "a row on which an input is missing changes nothing and has no value",
        .warm_up = "missing for the first `timeperiod` observations",
        .source = "TA-Lib 0.8 (C), TA_CMO",
        .example = {.expression = "talib:CMO($a, 2)",
                    .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                    .expected = {kMissing, kMissing, 100.0, 42.857142857142854, 82.6086956521739,
                                 35.483870967741936}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_cmo_plugin
