#include <cmath>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/trigonometry/elementary.h"

namespace orrery::plugins::operators::talib_floor_plugin {
namespace {

constexpr char kKernel[] = "talib_floor";

double rounded(double value) { return std::floor(value); }

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_function<rounded, kKernel>(graph, call);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:FLOOR", {{.name = "talib:FLOOR",
                                .summary = "Greatest whole number that is not above the value",
                                .arguments = {series_argument()},
                                .missing = "missing where the input is",
                                .warm_up = "none",
                                .source = "TA-Lib 0.8 (C), TA_FLOOR",
                                .example = {.expression = "talib:FLOOR($x)",
                                            .fields = {{"x", {-0.5, 0.0, 0.25, 2.0}}},
                                            .expected = {-1.0, 0.0, 0.0, 2.0}}},
                               lower});
}

}  // namespace orrery::plugins::operators::talib_floor_plugin
