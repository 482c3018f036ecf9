#include <limits>
#include <vector>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators::talib_supertrend_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;

/// Inputs: the bar's upper and lower band, the close. State: observations, the bands as they stand, the
/// trend, the close before.
struct Trend {
  static constexpr int kInputs = 3;
  static constexpr int kStates = 5;
  static constexpr int kOutputs = 2;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double*, DoubleLanes* out) {
    const auto first = s[0] == 0.0;
    s[1] = (first | (in[0] < s[1]) | (s[4] > s[1])) ? in[0] : s[1];
    s[2] = (first | (in[1] > s[2]) | (s[4] < s[2])) ? in[1] : s[2];
    const DoubleLanes up = kernels::all_lanes(1.0);
    const DoubleLanes falls = in[2] < s[2] ? -up : up;
    const DoubleLanes rises = in[2] > s[1] ? up : -up;
    s[3] = s[3] > 0.0 ? falls : rises;
    s[3] = first ? up : s[3];
    out[0] = s[3] > 0.0 ? s[2] : s[1];
    out[1] = s[3];
    s[0] += 1.0;
    s[4] = in[2];
  }
};

constexpr kernels::Kernel kKernel = observation_kernel<Trend>("talib_supertrend");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const auto band = [&](const char* text) {
    return lower_text(graph, text,
                      {{"h", call[0]}, {"l", call[1]}, {"c", call[2]}, {"n", call[3]}, {"k", call[4]}});
  };
  const Operand upper = band("(h + l)/2 + k*talib:ATR(h, l, c, n)");
  const Operand lower_band = band("(h + l)/2 - k*talib:ATR(h, l, c, n)");
  return graph.custom(kKernel, std::vector<Operand>{upper, lower_band, call[2]}, {}, 0, 2, call.output());
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:SUPERTREND",
      {{.name = "talib:SUPERTREND",
        .summary = "Supertrend: the lower band, which only rises, while the trend is up, the upper one, "
                   "which only falls, while it is down; and the trend, 1 or -1",
        .arguments = bar_arguments(
            "hlc", {period_argument(10.0),
                    number_argument("multiplier", "average true ranges between the middle and a band", 3.0,
                                    0.0, 1000000000.0)}),
        .missing = "a row on which an input is missing changes nothing and has no value",
        .warm_up = "missing for the first `timeperiod` observations",
        .source = "TA-Lib 0.8 (C), TA_SUPERTREND",
        .example = {.expression = "talib:SUPERTREND($h, $l, $c, 2, 1)",
                    .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}},
                               {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}},
                               {"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0}}},
                    .expected = {kMissing, kMissing, 2.0, 2.0, 2.875, 3.9375}},
        .more_rows = 1,
        .outputs = {"supertrend", "trend"}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_supertrend_plugin
