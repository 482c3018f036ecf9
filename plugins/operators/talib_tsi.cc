#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_tsi_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph,
                    "let d = x - Ref(x, 1); let a = talib:EMA(talib:EMA(d, f), s); let b = "
                    "talib:EMA(talib:EMA(Abs(d), f), s); If(b == 0, 0*b, 100*(a/b))",
                    {{"x", call[0]}, {"f", call[1]}, {"s", call[2]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:TSI", {{.name = "talib:TSI",
                              .summary = "True strength of Blau: twice smoothed change over the twice "
                                         "smoothed size of the change, from -100 to 100",
                              .arguments = {series_argument(), period_argument(25.0, 2.0, "firstperiod"),
                                            period_argument(13.0, 2.0, "secondperiod")},
                              .missing = "missing where a window has a missing row",
                              .warm_up = "missing until its windows are full",
                              .source = "TA-Lib 0.8 (C), TA_TSI",
                              .example = {.expression = "talib:TSI($a, 2, 2)",
                                          .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                                          .expected = {kMissing, kMissing, kMissing, 66.66666666666667,
                                                       81.33333333333333, 44.04761904761906}},
                              .more_rows = 1},
                             lower});
}

}  // namespace orrery::plugins::operators::talib_tsi_plugin
