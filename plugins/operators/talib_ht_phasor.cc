#include <limits>
#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/dominant_cycle.h"
#include "plugins/operators/talib/lane_observations.h"

namespace orrery::plugins::operators {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

struct Cycle {
  static constexpr int kInputs = 1;
  static constexpr int kOutputs = 2;
  using State = DominantCycle;

  static void step(State& state, const double* in, const double*, double* out) {
    constexpr double kBegin = 12.0;
    constexpr double kWarmUp = 32.0;
    state.advance(in[0], kBegin);
    if (state.observations <= kWarmUp) return;
    out[0] = state.in_phase();
    out[1] = state.quadrature[0];
  }
};

constexpr kernels::Kernel kKernel = lane_observation_kernel<Cycle>("talib_ht_phasor");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0]}, {}, 0, 2, call.output());
}

}  // namespace

void register_operators_talib_ht_phasor(Registry& registry) {
  registry.add("talib:HT_PHASOR",
               {{.name = "talib:HT_PHASOR",
                 .summary = "In-phase and quadrature part of the dominant cycle",
                 .arguments = {series_argument()},
                 .missing = "a row on which an input is missing changes nothing and has no value",
                 .warm_up = "missing for the first 32 observations",
                 .source = "TA-Lib 0.8 (C), TA_HT_PHASOR",
                 .example = {.expression = "talib:HT_PHASOR($a)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0}}},
                             .expected = {kMissing, kMissing, kMissing, kMissing, kMissing}},
                 .outputs = {"inphase", "quadrature"}},
                lower});
}

}  // namespace orrery::plugins::operators
