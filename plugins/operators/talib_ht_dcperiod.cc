#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/cycle_indicator.h"

namespace orrery::plugins::operators::talib_ht_dcperiod_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

struct Period {
  static constexpr int kOutputs = 1;

  static void of(const DominantCycle& cycle, double* out) { out[0] = cycle.smooth_period; }
};

constexpr char kKernel[] = "talib_ht_dcperiod";

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_indicator<CycleIndicator<Period>, kKernel>(graph, call);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:HT_DCPERIOD",
               {{.name = "talib:HT_DCPERIOD",
                 .summary = "Period of the dominant cycle in observations, by the Hilbert transform",
                 .arguments = {series_argument()},
                 .missing = "a row on which an input is missing changes nothing and has no value",
                 .warm_up = "missing for the first 32 observations",
                 .source = "TA-Lib 0.8 (C), TA_HT_DCPERIOD",
                 .example = {.expression = "talib:HT_DCPERIOD($a)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0}}},
                             .expected = {kMissing, kMissing, kMissing, kMissing, kMissing}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_ht_dcperiod_plugin
