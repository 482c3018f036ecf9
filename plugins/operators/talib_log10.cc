#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_log10_plugin {
namespace {

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "Log(x)/2.302585092994046", {{"x", call[0]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:LOG10", {{.name = "talib:LOG10",
                                .summary = "Logarithm to the base 10",
                                .arguments = {series_argument()},
                                .missing = "missing where the input is",
                                .warm_up = "none",
                                .source = "TA-Lib 0.6 (C), TA_LOG10",
                                .example = {.expression = "talib:LOG10($a)",
                                            .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0}}},
                                            .expected = {0.0, 0.3010299956639812, 0.7781512503836436,
                                                         0.6989700043360189, 0.9542425094393249}}},
                               lower});
}

}  // namespace orrery::plugins::operators::talib_log10_plugin
