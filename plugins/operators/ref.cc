#include <limits>

#include "orrery/base/error.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::ref_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  if (call.rows(1) == 0) {
    throw user_error(ErrorCode::kInvalidArgument, "a lag of 0 rows is the series itself; leave Ref away");
  }
  return graph.shift(call[0], call.rows(1));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "Ref",
      {{.name = "Ref",
        .summary = "The value of some rows ago; of the future for a negative lag, which only labels may have",
        .arguments = {series_argument(), {.name = "lag", .kind = ArgumentKind::kLag, .summary = "rows back"}},
        .missing = "as the row that is read",
        .warm_up = "missing in the first `lag` rows",
        .source = "qlib 0.9.7, qlib.data.ops.Ref",
        .example = {.expression = "Ref($a, 2)",
                    .fields = {{"a", {1.0, 2.0, kMissing, 4.0, 5.0}}},
                    .expected = {kMissing, kMissing, 1.0, 2.0, kMissing}},
        .aliases = {"Delay"}},
       lower});
}

}  // namespace orrery::plugins::operators::ref_plugin
