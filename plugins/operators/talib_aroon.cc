#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/extremes/position.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/full_windows.h"

namespace orrery::plugins::operators::talib_aroon_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;

struct LatestGreatest {
  static auto over(DoubleLanes value, DoubleLanes best) { return value >= best; }
};
struct LatestSmallest {
  static auto over(DoubleLanes value, DoubleLanes best) { return value <= best; }
};

constexpr kernels::Kernel kUp = {"talib_aroon_up", kernels::scan_windows<FirstExtreme<LatestGreatest>>};
constexpr kernels::Kernel kDown = {"talib_aroon_down", kernels::scan_windows<FirstExtreme<LatestSmallest>>};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int rows = call.rows(2) + 1;
  const Operand& value = call[call.output() == 0 ? 1 : 0];
  const Operand& other = call[call.output() == 0 ? 0 : 1];
  const Operand place =
      graph.custom(call.output() == 0 ? kDown : kUp, value, {static_cast<double>(rows)}, rows - 1);
  const Operand age = graph.arithmetic(Arithmetic::kSubtract, place, graph.number(1.0));
  const Operand share = graph.arithmetic(Arithmetic::kMultiply, age, graph.number(100.0 / call.number(2)));
  return graph.where_full(other, rows, graph.where_full(value, rows, share));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:AROON",
      {{.name = "talib:AROON",
        .summary = "Aroon: how recent the lowest low and the highest high of the last timeperiod + 1 "
                   "observations are, from 0 to 100",
        .arguments = bar_arguments("hl", {period_argument(14.0)}),
        .missing = "missing where a window has a missing row",
        .warm_up = "missing for the first `timeperiod` observations",
        .source = "TA-Lib 0.8 (C), TA_AROON",
        .example = {.expression = "talib:AROON($h, $l, 3)",
                    .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}}, {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}}},
                    .expected = {kMissing, kMissing, kMissing, 0.0, 0.0, 33.333333333333336}},
        .more_rows = 1,
        .outputs = {"aroondown", "aroonup"}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_aroon_plugin
