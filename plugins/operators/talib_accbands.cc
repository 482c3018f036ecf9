#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_accbands_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  constexpr const char* kTexts[] = {"talib:SMA(If(h + l == 0, h, h*(1 + 4*(h - l)/(h + l))), n)",
                                    "talib:SMA(c, n)",
                                    "talib:SMA(If(h + l == 0, l, l*(1 - 4*(h - l)/(h + l))), n)"};
  return lower_text(graph, kTexts[call.output()],
                    {{"h", call[0]}, {"l", call[1]}, {"c", call[2]}, {"n", call[3]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:ACCBANDS", {{.name = "talib:ACCBANDS",
                                   .summary = "Acceleration bands: means of the lows and highs moved apart "
                                              "by four times the relative range, and of the close",
                                   .arguments = bar_arguments("hlc", {period_argument(20.0)}),
                                   .missing = "missing where a window has a missing row",
                                   .warm_up = "missing until its windows are full",
                                   .source = "TA-Lib 0.8 (C), TA_ACCBANDS",
                                   .example = {.expression = "talib:ACCBANDS($h, $l, $c, 2)",
                                               .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}},
                                                          {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}},
                                                          {"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0}}},
                                               .expected = {kMissing, 5.833333333333332, 8.5, 9.05,
                                                            9.450000000000001, 10.345652173913045}},
                                   .outputs = {"upper", "middle", "lower"}},
                                  lower});
}

}  // namespace orrery::plugins::operators::talib_accbands_plugin
