#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/trigonometry/elementary.h"

namespace orrery::plugins::operators::talib_acos_plugin {
namespace {

constexpr char kKernel[] = "talib_acos";

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_function<arc_cosine, kKernel>(graph, call);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:ACOS",
               {{.name = "talib:ACOS",
                 .summary = "Arc cosine",
                 .arguments = {series_argument()},
                 .missing = "missing where the input is, and outside -1 to 1",
                 .warm_up = "none",
                 .source = "TA-Lib 0.8 (C), TA_ACOS",
                 .example = {.expression = "talib:ACOS($x)",
                             .fields = {{"x", {-0.5, 0.0, 0.25, 1.0}}},
                             .expected = {2.0943951023931957, 1.5707963267948966, 1.318116071652818, 0.0}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_acos_plugin
