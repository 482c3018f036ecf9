#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_natr_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  // TA-Lib's of one observation is the range itself.
  return lower_text(
      graph,
      call.rows(3) == 1 ? "talib:TRANGE(h, l, c)" : "If(Abs(c) < 1e-14, 0*c, talib:ATR(h, l, c, n)/c*100)",
      {{"h", call[0]}, {"l", call[1]}, {"c", call[2]}, {"n", call[3]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:NATR",
               {{.name = "talib:NATR",
                 .summary = "Average true range over the close, in per cent",
                 .arguments = bar_arguments("hlc", {period_argument(14.0, 1.0)}),
                 .missing = "a row on which an input is missing changes nothing and has no value",
                 .warm_up = "missing for the first `timeperiod` observations",
                 .source = "TA-Lib 0.6 (C), TA_NATR",
                 .example = {.expression = "talib:NATR($h, $l, $c, 2)",
                             .fields = {{"h", {2.0, 3.0, 5.0, kMissing, 6.0}},
                                        {"l", {1.0, 2.0, 3.0, 3.0, 5.0}},
                                        {"c", {1.0, 3.0, 4.0, 4.0, 5.0}}},
                             .expected = {kMissing, kMissing, 50.0, kMissing, 40.0}},
                 .more_rows = 1},
                lower});
}

}  // namespace orrery::plugins::operators::talib_natr_plugin
