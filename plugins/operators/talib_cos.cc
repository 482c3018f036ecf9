#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/trigonometry/elementary.h"

namespace orrery::plugins::operators::talib_cos_plugin {
namespace {

constexpr char kKernel[] = "talib_cos";

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_function<cosine, kKernel>(graph, call);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:COS",
               {{.name = "talib:COS",
                 .summary = "Cosine of radians",
                 .arguments = {series_argument()},
                 .missing = "missing where the input is, and beyond 2^45 radians",
                 .warm_up = "none",
                 .source = "TA-Lib 0.8 (C), TA_COS",
                 .example = {.expression = "talib:COS($x)",
                             .fields = {{"x", {-0.5, 0.0, 0.25, 1.0}}},
                             .expected = {0.8775825618903728, 1.0, 0.9689124217106447, 0.5403023058681398}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_cos_plugin
