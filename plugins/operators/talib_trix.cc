#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_trix_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "let e = talib:EMA(talib:EMA(talib:EMA(x, n), n), n); (e/Ref(e, 1) - 1)*100",
                    {{"x", call[0]}, {"n", call[1]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:TRIX",
               {{.name = "talib:TRIX",
                 .summary = "Change in per cent of an exponential mean that is smoothed three times",
                 .arguments = {series_argument(), period_argument(30.0)},
                 .missing = "missing where a window has a missing row",
                 .warm_up = "missing until its windows are full",
                 .source = "TA-Lib 0.6 (C), TA_TRIX",
                 .example = {.expression = "talib:TRIX($a, 2)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0}}},
                             .expected = {kMissing, kMissing, kMissing, kMissing, 52.99145299145296}},
                 .more_rows = 1},
                lower});
}

}  // namespace orrery::plugins::operators::talib_trix_plugin
