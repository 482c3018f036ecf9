#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/trigonometry/elementary.h"

namespace orrery::plugins::operators::talib_asin_plugin {
namespace {

constexpr char kKernel[] = "talib_asin";

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_function<arc_sine, kKernel>(graph, call);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:ASIN",
      {{.name = "talib:ASIN",
        .summary = "Arc sine",
        .arguments = {series_argument()},
        .missing = "missing where the input is, and outside -1 to 1",
        .warm_up = "none",
        .source = "TA-Lib 0.8 (C), TA_ASIN",
        .example = {.expression = "talib:ASIN($x)",
                    .fields = {{"x", {-0.5, 0.0, 0.25, 1.0}}},
                    .expected = {-0.5235987755982989, 0.0, 0.25268025514207865, 1.5707963267948966}}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_asin_plugin
