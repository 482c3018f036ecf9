#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/cycle_indicator.h"

namespace orrery::plugins::operators::talib_ht_sine_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

struct Sine {
  static constexpr int kOutputs = 2;

  static void of(const CyclePhase& cycle, double* out) {
    out[0] = sine(cycle.phase / kDegrees);
    out[1] = sine((cycle.phase + 45.0) / kDegrees);
  }
};

constexpr char kKernel[] = "talib_ht_sine";

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_indicator<PhaseIndicator<Sine>, kKernel>(graph, call);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:HT_SINE",
               {{.name = "talib:HT_SINE",
                 .summary = "Sine of the phase of the dominant cycle, and of 45 degrees more",
                 .arguments = {series_argument()},
                 .missing = "a row on which an input is missing changes nothing and has no value",
                 .warm_up = "missing for the first 63 observations",
                 .source = "TA-Lib 0.8 (C), TA_HT_SINE",
                 .example = {.expression = "talib:HT_SINE($a)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0}}},
                             .expected = {kMissing, kMissing, kMissing, kMissing, kMissing}},
                 .outputs = {"sine", "leadsine"}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_ht_sine_plugin
