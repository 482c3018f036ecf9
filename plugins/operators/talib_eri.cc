#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_eri_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  constexpr const char* kTexts[] = {"h - talib:EMA(c, n) + 0*l", "l - talib:EMA(c, n) + 0*h"};
  return lower_text(graph, kTexts[call.output()],
                    {{"h", call[0]}, {"l", call[1]}, {"c", call[2]}, {"n", call[3]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:ERI", {{.name = "talib:ERI",
                              .summary = "Elder ray: how far high (bullpower) and low (bearpower) stand from "
                                         "the exponential mean of the close",
                              .arguments = bar_arguments("hlc", {period_argument(13.0)}),
                              .missing = "missing where a window has a missing row",
                              .warm_up = "missing until its windows are full",
                              .source = "TA-Lib 0.8 (C), TA_ERI",
                              .example = {.expression = "talib:ERI($h, $l, $c, 2)",
                                          .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}},
                                                     {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}},
                                                     {"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0}}},
                                          .expected = {kMissing, 1.0, 1.666666666666667, 1.0555555555555558,
                                                       1.1851851851851851, 1.5617283950617287}},
                              .outputs = {"bullpower", "bearpower"}},
                             lower});
}

}  // namespace orrery::plugins::operators::talib_eri_plugin
