#include <cmath>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/trigonometry/elementary.h"

namespace orrery::plugins::operators::talib_ceil_plugin {
namespace {

constexpr char kKernel[] = "talib_ceil";

double rounded(double value) { return std::ceil(value); }

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_function<rounded, kKernel>(graph, call);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:CEIL", {{.name = "talib:CEIL",
                               .summary = "Smallest whole number that is not below the value",
                               .arguments = {series_argument()},
                               .missing = "missing where the input is",
                               .warm_up = "none",
                               .source = "TA-Lib 0.8 (C), TA_CEIL",
                               .example = {.expression = "talib:CEIL($x)",
                                           .fields = {{"x", {-0.5, 0.0, 0.25, 2.0}}},
                                           .expected = {-0.0, 0.0, 1.0, 2.0}}},
                              lower});
}

}  // namespace orrery::plugins::operators::talib_ceil_plugin
