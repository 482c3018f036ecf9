#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::cov_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.rolling_covariance(call[0], call[1], call.rows(2));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Cov",
               {{.name = "Cov",
                 .summary = "Covariance of two series over the window, with n - 1",
                 .arguments = {series_argument("left", "the first series"),
                               series_argument("right", "the second series"), window_argument(1)},
                 .missing = "rows on which either one is missing are left out; fewer than two left: missing",
                 .warm_up = "the first rows use the part of the window that there is",
                 .source = "qlib 0.9.7, qlib.data.ops.Cov",
                 .example = {.expression = "Cov($a, $b, 3)",
                             .fields = {{"a", {1.0, 2.0, 3.0, 5.0}}, {"b", {2.0, 4.0, 3.0, kMissing}}},
                             .expected = {kMissing, 1.0, 0.5, -0.5}},
                 .aliases = {"Covariance"}},
                lower});
}

}  // namespace orrery::plugins::operators::cov_plugin
