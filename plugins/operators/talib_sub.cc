#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_sub_plugin {
namespace {

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "x - y", {{"x", call[0]}, {"y", call[1]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:SUB",
               {{.name = "talib:SUB",
                 .summary = "Difference of two series",
                 .arguments = {series_argument("value0", "the first series"),
                               series_argument("value1", "the second series")},
                 .missing = "missing where an input is",
                 .warm_up = "none",
                 .source = "TA-Lib 0.6 (C), TA_SUB",
                 .example = {.expression = "talib:SUB($h, $c)",
                             .fields = {{"h", {2.0, 4.0, 5.0, 7.0, 8.0}}, {"c", {1.5, 3.0, 4.0, 6.0, 6.0}}},
                             .expected = {0.5, 1.0, 1.0, 1.0, 2.0}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_sub_plugin
