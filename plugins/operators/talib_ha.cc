#include <vector>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators::talib_ha_plugin {
namespace {

using kernels::DoubleLanes;

/// State: observations, open and close of the smoothed bar before.
struct SmoothedOpen {
  static constexpr int kInputs = 4;
  static constexpr int kStates = 3;
  static constexpr int kOutputs = 1;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double*, DoubleLanes* out) {
    s[1] = s[0] > 0.0 ? (s[1] + s[2]) / 2.0 : (in[0] + in[3]) / 2.0;
    s[2] = (in[0] + in[1] + in[2] + in[3]) / 4.0;
    s[0] += 1.0;
    out[0] = s[1];
  }
};

constexpr kernels::Kernel kKernel = observation_kernel<SmoothedOpen>("talib_ha");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  constexpr const char* kTexts[] = {"p", "Greater(h, Greater(p, q))", "Less(l, Less(p, q))", "q"};
  const Operand open = graph.custom(kKernel, std::vector<Operand>{call[0], call[1], call[2], call[3]}, {}, 0);
  const Operand close = lower_text(graph, "(o + h + l + c)/4",
                                   {{"o", call[0]}, {"h", call[1]}, {"l", call[2]}, {"c", call[3]}});
  return lower_text(graph, kTexts[call.output()],
                    {{"p", open}, {"q", close}, {"h", call[1]}, {"l", call[2]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:HA",
      {{.name = "talib:HA",
        .summary =
            "Heikin Ashi bars: the mean of the bar as close, of open and close of the one before as open",
        .arguments = bar_arguments("ohlc"),
        .missing = "a row on which an input is missing changes nothing and has no value",
        .warm_up = "none",
        .source = "TA-Lib 0.8 (C), TA_HA",
        .example = {.expression = "talib:HA($o, $h, $l, $c)",
                    .fields = {{"o", {1.5, 2.0, 3.0, 4.0, 4.5, 5.0}},
                               {"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}},
                               {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}},
                               {"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0}}},
                    .expected = {1.5, 1.5, 1.875, 2.8125, 3.28125, 4.140625}},
        .outputs = {"haopen", "hahigh", "halow", "haclose"}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_ha_plugin
