#include <limits>

#include "orrery/base/error.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::delta_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  if (call.rows(1) == 0) {
    throw user_error(ErrorCode::kInvalidArgument, "a lag of 0 rows always gives a difference of 0");
  }
  return graph.arithmetic(Arithmetic::kSubtract, call[0], graph.shift(call[0], call.rows(1)));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "Delta",
      {{.name = "Delta",
        .summary = "The value less the value of some rows ago",
        .arguments = {series_argument(), {.name = "lag", .kind = ArgumentKind::kLag, .summary = "rows back"}},
        .missing = "missing where either one is",
        .warm_up = "missing in the first `lag` rows",
        .source = "qlib 0.9.7, qlib.data.ops.Delta",
        .example = {.expression = "Delta($a, 2)",
                    .fields = {{"a", {1.0, 2.0, 4.0, 8.0}}},
                    .expected = {kMissing, kMissing, 3.0, 6.0}}},
       lower});
}

}  // namespace orrery::plugins::operators::delta_plugin
