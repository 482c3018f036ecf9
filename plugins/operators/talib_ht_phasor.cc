#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/cycle_indicator.h"

namespace orrery::plugins::operators::talib_ht_phasor_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

struct Phasor {
  static constexpr int kOutputs = 2;

  static void of(const DominantCycle& cycle, double* out) {
    out[0] = cycle.in_phase();
    out[1] = cycle.quadrature[0];
  }
};

constexpr char kKernel[] = "talib_ht_phasor";

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_indicator<CycleIndicator<Phasor>, kKernel>(graph, call);
}

}  // namespace

void add_to(Registry& registry) {
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

}  // namespace orrery::plugins::operators::talib_ht_phasor_plugin
