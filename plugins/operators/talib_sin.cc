#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/trigonometry/elementary.h"

namespace orrery::plugins::operators::talib_sin_plugin {
namespace {

constexpr char kKernel[] = "talib_sin";

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_function<sine, kKernel>(graph, call);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:SIN",
               {{.name = "talib:SIN",
                 .summary = "Sine of radians",
                 .arguments = {series_argument()},
                 .missing = "missing where the input is, and beyond 2^45 radians",
                 .warm_up = "none",
                 .source = "TA-Lib 0.8 (C), TA_SIN",
                 .example = {.expression = "talib:SIN($x)",
                             .fields = {{"x", {-0.5, 0.0, 0.25, 1.0}}},
                             .expected = {-0.479425538604203, 0.0, 0.24740395925452294, 0.8414709848078965}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_sin_plugin
