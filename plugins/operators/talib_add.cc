#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_add_plugin {
namespace {

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "x + y", {{"x", call[0]}, {"y", call[1]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:ADD",
               {{.name = "talib:ADD",
                 .summary = "Sum of two series",
                 .arguments = {series_argument("value0", "the first series"),
                               series_argument("value1", "the second series")},
                 .missing = "missing where an input is",
                 .warm_up = "none",
                 .source = "TA-Lib 0.6 (C), TA_ADD",
                 .example = {.expression = "talib:ADD($h, $c)",
                             .fields = {{"h", {2.0, 4.0, 5.0, 7.0, 8.0}}, {"c", {1.5, 3.0, 4.0, 6.0, 6.0}}},
                             .expected = {3.5, 7.0, 9.0, 13.0, 14.0}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_add_plugin
