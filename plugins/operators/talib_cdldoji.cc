#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators {
namespace {

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "let m = 0.1*Ref(talib:SMA(h-l, 10), 1); If(Abs(c-o) <= m, 100, 0) + 0*(o+h+l+c)",
                    {{"o", call[0]}, {"h", call[1]}, {"l", call[2]}, {"c", call[3]}});
}

}  // namespace

void register_operators_talib_cdldoji(Registry& registry) {
  registry.add(
      "talib:CDLDOJI",
      {{.name = "talib:CDLDOJI",
        .summary = "100 where open and close are nearly the same: a body of at most a tenth of the mean "
                   "range of the ten bars before",
        .arguments = {{.name = "open", .kind = ArgumentKind::kSeries, .summary = "opening prices"},
                      {.name = "high", .kind = ArgumentKind::kSeries, .summary = "highest prices"},
                      {.name = "low", .kind = ArgumentKind::kSeries, .summary = "lowest prices"},
                      {.name = "close", .kind = ArgumentKind::kSeries, .summary = "closing prices"}},
        .missing = "missing where an input is",
        .warm_up = "0 for the first 10 bars, as in TA-Lib",
        .source = "TA-Lib 0.6 (C), TA_CDLDOJI",
        .example =
            {.expression = "talib:CDLDOJI($o, $h, $l, $c)",
             .fields =
                 {{"o", {10.0, 10.5, 11.0, 10.8, 11.2, 11.0, 11.4, 11.2, 11.6, 11.3, 11.5, 11.5, 11.1}},
                  {"h", {10.8, 11.2, 11.3, 11.4, 11.5, 11.6, 11.8, 11.9, 12.0, 11.9, 12.0, 12.0, 12.6}},
                  {"l", {9.8, 10.2, 10.4, 10.5, 10.7, 10.8, 11.0, 11.0, 11.2, 11.0, 11.2, 11.1, 11.0}},
                  {"c", {10.5, 11.0, 10.8, 11.2, 11.0, 11.4, 11.2, 11.6, 11.3, 11.7, 11.4, 11.52, 12.4}}},
             .expected = {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 100.0, 0.0}},
        .more_rows = 10},
       lower});
}

}  // namespace orrery::plugins::operators
