#include <limits>
#include <vector>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators::talib_obv_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;

/// State: observations, the price before, the sum.
struct BalanceVolume {
  static constexpr int kInputs = 2;
  static constexpr int kStates = 3;
  static constexpr int kOutputs = 1;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double* constants, DoubleLanes* out) {
    const DoubleLanes signed_volume = in[0] > s[1] ? in[1] : (in[0] < s[1] ? -in[1] : DoubleLanes{});
    s[2] += s[0] > 0.0 ? signed_volume : in[1];
    s[0] += 1.0;
    s[1] = in[0];
    out[0] = s[2] + 0.0 * constants[0];
  }
};

constexpr kernels::Kernel kKernel = observation_kernel<BalanceVolume>("talib_obv");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0], call[1]}, {0.0}, 0, 1, call.output());
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:OBV",
      {{.name = "talib:OBV",
        .summary = "On balance volume: the volume added where the price rises, taken away where it falls",
        .arguments = {series_argument("value", "the price"), series_argument("volume", "the volume")},
        .missing = "a row on which an input is missing changes nothing and has no value",
        .warm_up = "begins with the first volume",
        .source = "TA-Lib 0.6 (C), TA_OBV",
        .example = {.expression = "talib:OBV($a, $v)",
                    .fields = {{"a", {1.0, 2.0, 2.0, kMissing, 1.0}}, {"v", {10.0, 5.0, 7.0, 3.0, 4.0}}},
                    .expected = {10.0, 15.0, 15.0, kMissing, 11.0}}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_obv_plugin
