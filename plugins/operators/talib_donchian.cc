#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_donchian_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  constexpr const char* kTexts[] = {"talib:MAX(h, n) + 0*talib:SUM(l, n)",
                                    "(talib:MAX(h, n) + talib:MIN(l, n))/2",
                                    "talib:MIN(l, n) + 0*talib:SUM(h, n)"};
  return lower_text(graph, kTexts[call.output()], {{"h", call[0]}, {"l", call[1]}, {"n", call[2]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:DONCHIAN",
      {{.name = "talib:DONCHIAN",
        .summary = "Channel of Donchian: highest high, lowest low and their middle",
        .arguments = bar_arguments("hl", {period_argument(20.0)}),
        .missing = "missing where a window has a missing row",
        .warm_up = "missing until its windows are full",
        .source = "TA-Lib 0.8 (C), TA_DONCHIAN",
        .example = {.expression = "talib:DONCHIAN($h, $l, 3)",
                    .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}}, {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}}},
                    .expected = {kMissing, kMissing, 5.0, 5.0, 6.0, 6.5}},
        .outputs = {"upper", "middle", "lower"}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_donchian_plugin
