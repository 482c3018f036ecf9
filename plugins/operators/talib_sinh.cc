#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/trigonometry/elementary.h"

namespace orrery::plugins::operators::talib_sinh_plugin {
namespace {

constexpr char kKernel[] = "talib_sinh";

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_function<hyperbolic_sine, kKernel>(graph, call);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:SINH",
               {{.name = "talib:SINH",
                 .summary = "Hyperbolic sine",
                 .arguments = {series_argument()},
                 .missing = "missing where the input is",
                 .warm_up = "none",
                 .source = "TA-Lib 0.8 (C), TA_SINH",
                 .example = {.expression = "talib:SINH($x)",
                             .fields = {{"x", {-0.5, 0.0, 0.25, 1.0}}},
                             .expected = {-0.5210953054937474, 0.0, 0.2526123168081683, 1.1752011936438014}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_sinh_plugin
