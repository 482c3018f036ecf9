#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_ln_plugin {
namespace {

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "Log(x)", {{"x", call[0]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:LN", {{.name = "talib:LN",
                             .summary = "Natural logarithm",
                             .arguments = {series_argument()},
                             .missing = "missing where the input is",
                             .warm_up = "none",
                             .source = "TA-Lib 0.6 (C), TA_LN",
                             .example = {.expression = "talib:LN($a)",
                                         .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0}}},
                                         .expected = {0.0, 0.6931471805599453, 1.791759469228055,
                                                      1.6094379124341003, 2.1972245773362196}}},
                            lower});
}

}  // namespace orrery::plugins::operators::talib_ln_plugin
