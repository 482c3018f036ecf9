#include <limits>

#include "orrery/factor/kernels/kernel_table.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::ts_arg_max_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(1);
  return graph.custom(kernels::find_kernel("first_maximum"), call[0], {static_cast<double>(window)},
                      window - 1);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("TsArgMax",
               {{.name = "TsArgMax",
                 .summary = "Where in the window the first greatest value is, from 1 at its oldest row",
                 .arguments = {series_argument(), window_argument(1)},
                 .missing = "missing values are left out of the window; none left: missing",
                 .warm_up = "the first rows use the part of the window that there is",
                 .source = "Kakushadze (2016), \"101 Formulaic Alphas\", ts_argmax(x, d); IdxMax differs in "
                           "that a missing value wins there",
                 .example = {.expression = "TsArgMax($a, 3)",
                             .fields = {{"a", {3.0, 1.0, kMissing, 2.0, 6.0}}},
                             .expected = {1.0, 1.0, 1.0, 3.0, 3.0}}},
                lower});
}

}  // namespace orrery::plugins::operators::ts_arg_max_plugin
