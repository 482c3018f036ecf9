#include <limits>
#include <vector>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators::talib_adosc_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;

/// State: observations, fast and slow mean, which begin with the first value. constants: their weights of the
/// latest value, observations before the first result.
struct Oscillator {
  static constexpr int kInputs = 1;
  static constexpr int kStates = 3;
  static constexpr int kOutputs = 1;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double* constants, DoubleLanes* out) {
    for (int i = 0; i < 2; ++i) {
      const double weight = constants[i];
      s[1 + i] = s[0] > 0.0 ? weight * in[0] + (1.0 - weight) * s[1 + i] : in[0];
    }
    out[0] = s[0] >= constants[2] ? s[1] - s[2] : kernels::all_lanes(kMissing);
    s[0] += 1.0;
  }
};

constexpr kernels::Kernel kKernel = observation_kernel<Oscillator>("talib_adosc");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const Operand line = lower_text(graph, "talib:AD(h, l, c, v)",
                                  {{"h", call[0]}, {"l", call[1]}, {"c", call[2]}, {"v", call[3]}});
  const double fast = call.number(4);
  const double slow = call.number(5);
  return graph.custom(kKernel, std::vector<Operand>{line},
                      {2.0 / (fast + 1.0), 2.0 / (slow + 1.0), (fast > slow ? fast : slow) - 1.0}, 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:ADOSC",
               {{.name = "talib:ADOSC",
                 .summary = "Oscillator of Chaikin: the fast less the slow exponential mean of the "
                            "accumulation and distribution line",
                 .arguments = bar_arguments("hlcv", {period_argument(3.0, 2.0, "fastperiod"),
                                                     period_argument(10.0, 2.0, "slowperiod")}),
                 .missing = "a row on which an input is missing changes nothing and has no value",
                 .warm_up = "missing for the first observations of the longer window, less one",
                 .source = "TA-Lib 0.8 (C), TA_ADOSC",
                 .example = {.expression = "talib:ADOSC($h, $l, $c, $v, 2, 3)",
                             .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}},
                                        {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}},
                                        {"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0}},
                                        {"v", {100.0, 200.0, 150.0, 300.0, 250.0, 100.0}}},
                             .expected = {kMissing, kMissing, 9.25925925925926, -10.802469135802468,
                                          10.288065843621396, -6.292866941015088}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_adosc_plugin
