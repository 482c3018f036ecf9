#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators::talib_cumsum_plugin {
namespace {

using kernels::DoubleLanes;

/// State: the total.
struct Total {
  static constexpr int kInputs = 1;
  static constexpr int kStates = 1;
  static constexpr int kOutputs = 1;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double*, DoubleLanes* out) {
    s[0] += in[0];
    out[0] = s[0];
  }
};

constexpr kernels::Kernel kKernel = observation_kernel<Total>("talib_cumsum");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0]}, {}, 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:CUMSUM",
               {{.name = "talib:CUMSUM",
                 .summary = "Running total",
                 .arguments = {series_argument()},
                 .missing = "a row on which an input is missing changes nothing and has no value",
                 .warm_up = "none",
                 .source = "TA-Lib 0.8 (C), TA_CUMSUM",
                 .example = {.expression = "talib:CUMSUM($a)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                             .expected = {1.0, 3.0, 9.0, 14.0, 23.0, 31.0}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_cumsum_plugin
