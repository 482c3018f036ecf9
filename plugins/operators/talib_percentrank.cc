#include <limits>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/full_windows.h"

namespace orrery::plugins::operators::talib_percentrank_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;

struct SmallerBefore {
  static DoubleLanes of(const kernels::LaneWindow& window) {
    const DoubleLanes own = window.value(0);
    DoubleLanes count{};
    for (int ago = window.rows() - 1; ago > 0; --ago) count = window.value(ago) < own ? count + 1.0 : count;
    return 100.0 * count / (window.rows() - 1.0);
  }
};

constexpr kernels::Kernel kKernel = {"talib_percentrank", kernels::scan_windows<SmallerBefore>};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int rows = call.rows(1) + 1;
  const Operand share = graph.custom(kKernel, call[0], {static_cast<double>(rows)}, rows - 1);
  return graph.where_full(call[0], rows, share);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:PERCENTRANK",
      {{.name = "talib:PERCENTRANK",
        .summary = "Share of the values of the window before this one that are smaller, in per cent",
        .arguments = {series_argument(), period_argument(100.0)},
        .missing = "missing unless all rows of the window have values",
        .warm_up = "missing for the first `timeperiod` observations",
        .source = "TA-Lib 0.8 (C), TA_PERCENTRANK",
        .example = {.expression = "talib:PERCENTRANK($a, 3)",
                    .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                    .expected = {kMissing, kMissing, kMissing, 66.66666666666666, 100.0, 66.66666666666666}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators::talib_percentrank_plugin
