#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/cycle_indicator.h"

namespace orrery::plugins::operators::talib_ht_dcphase_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

struct Phase {
  static constexpr int kOutputs = 1;

  static void of(const CyclePhase& cycle, double* out) { out[0] = cycle.phase; }
};

constexpr char kKernel[] = "talib_ht_dcphase";

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_indicator<PhaseIndicator<Phase>, kKernel>(graph, call);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:HT_DCPHASE",
               {{.name = "talib:HT_DCPHASE",
                 .summary = "Phase of the dominant cycle, in degrees",
                 .arguments = {series_argument()},
                 .missing = "a row on which an input is missing changes nothing and has no value",
                 .warm_up = "missing for the first 63 observations",
                 .source = "TA-Lib 0.8 (C), TA_HT_DCPHASE",
                 .example = {.expression = "talib:HT_DCPHASE($a)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0}}},
                             .expected = {kMissing, kMissing, kMissing, kMissing, kMissing}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_ht_dcphase_plugin
