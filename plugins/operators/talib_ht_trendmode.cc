#include <limits>
#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/dominant_cycle.h"
#include "plugins/operators/talib/lane_observations.h"

namespace orrery::plugins::operators::talib_ht_trendmode_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// State: the cycle, its two sine waves on the observation before, observations since they crossed.
struct TrendMode {
  static constexpr int kInputs = 1;
  static constexpr int kOutputs = 1;
  struct State {
    CyclePhase cycle;
    double wave;
    double lead;
    double since_crossing;
  };

  /// Whether the phase moved on by about as much as a cycle of its period does.
  static bool turns(const CyclePhase& cycle) {
    const double step = cycle.phase - cycle.phase_before;
    const double turn = 360.0 / cycle.cycle.smooth_period;
    return cycle.cycle.smooth_period != 0.0 && step > 0.67 * turn && step < 1.5 * turn;
  }

  /// Whether the smoothed price stands away from the trend line.
  static bool stands_away(const CyclePhase& cycle) {
    const double line = cycle.trend_line;
    const double share = (cycle.cycle.smooth[0] - line) / line;
    return line != 0.0 && (share >= 0.015 || share <= -0.015);
  }

  static void step(State& state, const double* in, const double*, double* out) {
    if (!state.cycle.advance(in[0])) return;
    const double wave = sine(state.cycle.phase / kDegrees);
    const double lead = sine((state.cycle.phase + 45.0) / kDegrees);
    const bool crosses =
        (wave > lead && state.wave <= state.lead) || (wave < lead && state.wave >= state.lead);
    state.wave = wave;
    state.lead = lead;
    state.since_crossing = crosses ? 1.0 : state.since_crossing + 1.0;
    const bool cycles =
        crosses || state.since_crossing < 0.5 * state.cycle.cycle.smooth_period || turns(state.cycle);
    if (state.cycle.cycle.observations <= kPhaseWarmUp) return;
    out[0] = !cycles || stands_away(state.cycle) ? 1.0 : 0.0;
  }
};

constexpr kernels::Kernel kKernel = lane_observation_kernel<TrendMode>("talib_ht_trendmode");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0]}, {}, 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:HT_TRENDMODE",
               {{.name = "talib:HT_TRENDMODE",
                 .summary = "1 where the price follows a trend, 0 where it follows its dominant cycle",
                 .arguments = {series_argument()},
                 .missing = "a row on which an input is missing changes nothing and has no value",
                 .warm_up = "missing for the first 63 observations",
                 .source = "TA-Lib 0.8 (C), TA_HT_TRENDMODE",
                 .example = {.expression = "talib:HT_TRENDMODE($a)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0}}},
                             .expected = {kMissing, kMissing, kMissing, kMissing}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_ht_trendmode_plugin
