#include <limits>
#include <vector>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators::talib_kama_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;

/// Inputs: the value, the weight of the row, the value before. State: observations with a weight, the mean.
struct AdaptiveMean {
  static constexpr int kInputs = 3;
  static constexpr int kStates = 2;
  static constexpr int kOutputs = 1;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double*, DoubleLanes* out) {
    const DoubleLanes before = s[0] > 0.0 ? s[1] : in[2];
    s[1] = before + in[1] * (in[0] - before);
    s[0] += 1.0;
    out[0] = s[1];
  }
};

constexpr kernels::Kernel kKernel = observation_kernel<AdaptiveMean>("talib_kama");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const Operand weight =
      lower_text(graph, "let e = talib:ER(x, n)*(2/3 - 2/31) + 2/31; e*e", {{"x", call[0]}, {"n", call[1]}});
  return graph.custom(kKernel, std::vector<Operand>{call[0], weight, graph.shift(call[0], 1)}, {}, 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:KAMA",
               {{.name = "talib:KAMA",
                 .summary = "Adaptive mean of Kaufman: exponential, with a weight between those of spans 2 "
                            "and 30 by the efficiency of the window",
                 .arguments = {series_argument(), period_argument(30.0)},
                 .missing = "missing where the window has a missing row; the mean goes on behind it",
                 .warm_up = "missing for the first `timeperiod` observations",
                 .source = "TA-Lib 0.8 (C), TA_KAMA",
                 .example = {.expression = "talib:KAMA($a, 2)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                             .expected = {kMissing, kMissing, 3.777777777777777, 3.99938027517632,
                                          4.906048309362873, 5.467016199661118}},
                 .more_rows = 1},
                lower});
}

}  // namespace orrery::plugins::operators::talib_kama_plugin
