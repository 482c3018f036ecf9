#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_marketfi_plugin {
namespace {

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "If(v == 0, 0*(h + l + v), (h - l)/v)",
                    {{"h", call[0]}, {"l", call[1]}, {"v", call[2]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:MARKETFI",
               {{.name = "talib:MARKETFI",
                 .summary = "Market facilitation index: the range over the volume; 0 without volume",
                 .arguments = bar_arguments("hlv"),
                 .missing = "missing where the input is",
                 .warm_up = "none",
                 .source = "TA-Lib 0.8 (C), TA_MARKETFI",
                 .example = {.expression = "talib:MARKETFI($h, $l, $v)",
                             .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}},
                                        {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}},
                                        {"v", {100.0, 200.0, 150.0, 300.0, 250.0, 100.0}}},
                             .expected = {0.01, 0.0075, 0.013333333333333334, 0.005, 0.008, 0.015}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_marketfi_plugin
