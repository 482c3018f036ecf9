#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_efi_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "talib:MA((c - Ref(c, 1))*v, n, 1)",
                    {{"c", call[0]}, {"v", call[1]}, {"n", call[2]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:EFI",
      {{.name = "talib:EFI",
        .summary = "Force index of Elder: exponential mean of the change of the close times the volume",
        .arguments = bar_arguments("cv", {period_argument(13.0, 1.0)}),
        .missing = "missing where a window has a missing row",
        .warm_up = "missing until its windows are full",
        .source = "TA-Lib 0.8 (C), TA_EFI",
        .example = {.expression = "talib:EFI($c, $v, 2)",
                    .fields = {{"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0}},
                               {"v", {100.0, 200.0, 150.0, 300.0, 250.0, 100.0}}},
                    .expected = {kMissing, kMissing, 212.5, -29.166666666666654, 323.6111111111111,
                                 74.53703703703704}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_efi_plugin
