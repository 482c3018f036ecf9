#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/cycle_indicator.h"

namespace orrery::plugins::operators::talib_ht_trendline_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

struct TrendLine {
  static constexpr int kOutputs = 1;

  static void of(const CyclePhase& cycle, double* out) { out[0] = cycle.trend_line; }
};

constexpr char kKernel[] = "talib_ht_trendline";

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_indicator<PhaseIndicator<TrendLine>, kKernel>(graph, call);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:HT_TRENDLINE",
               {{.name = "talib:HT_TRENDLINE",
                 .summary = "Trend line: the price averaged over the dominant cycle",
                 .arguments = {series_argument()},
                 .missing = "a row on which an input is missing changes nothing and has no value",
                 .warm_up = "missing for the first 63 observations",
                 .source = "TA-Lib 0.8 (C), TA_HT_TRENDLINE",
                 .example = {.expression = "talib:HT_TRENDLINE($a)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0}}},
                             .expected = {kMissing, kMissing, kMissing, kMissing, kMissing}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_ht_trendline_plugin
