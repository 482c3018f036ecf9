#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/trigonometry/elementary.h"

namespace orrery::plugins::operators::talib_cosh_plugin {
namespace {

constexpr char kKernel[] = "talib_cosh";

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_function<hyperbolic_cosine, kKernel>(graph, call);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:COSH",
               {{.name = "talib:COSH",
                 .summary = "Hyperbolic cosine",
                 .arguments = {series_argument()},
                 .missing = "missing where the input is",
                 .warm_up = "none",
                 .source = "TA-Lib 0.8 (C), TA_COSH",
                 .example = {.expression = "talib:COSH($x)",
                             .fields = {{"x", {-0.5, 0.0, 0.25, 1.0}}},
                             .expected = {1.1276259652063807, 1.0, 1.0314130998795732, 1.5430806348152437}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_cosh_plugin
