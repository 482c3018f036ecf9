#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators {
namespace {

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(
      graph,
      "let p = Ref(o, 1); let q = Ref(c, 1); let up = (c >= o) & (q < p) & (((c >= p) & (o < q)) | ((c > p) "
      "& (o <= q))); let down = (c < o) & (q >= p) & (((o >= q) & (c < p)) | ((o > q) & (c <= p))); let size "
      "= If((o != q) & (c != p), 100, 80); If(up, size, If(down, -1*size, 0)) + 0*(o+h+l+c)",
      {{"o", call[0]}, {"h", call[1]}, {"l", call[2]}, {"c", call[3]}});
}

}  // namespace

void register_operators_talib_cdlengulfing(Registry& registry) {
  registry.add(
      "talib:CDLENGULFING",
      {{.name = "talib:CDLENGULFING",
        .summary = "100 where a white body covers the black one before, -100 for the reverse; 80 where they "
                   "share an end",
        .arguments = {{.name = "open", .kind = ArgumentKind::kSeries, .summary = "opening prices"},
                      {.name = "high", .kind = ArgumentKind::kSeries, .summary = "highest prices"},
                      {.name = "low", .kind = ArgumentKind::kSeries, .summary = "lowest prices"},
                      {.name = "close", .kind = ArgumentKind::kSeries, .summary = "closing prices"}},
        .missing = "missing where an input is",
        .warm_up = "0 for the first 2 bars, as in TA-Lib",
        .source = "TA-Lib 0.6 (C), TA_CDLENGULFING",
        .example =
            {.expression = "talib:CDLENGULFING($o, $h, $l, $c)",
             .fields =
                 {{"o", {10.0, 10.5, 11.0, 10.8, 11.2, 11.0, 11.4, 11.2, 11.6, 11.3, 11.5, 11.5, 11.1}},
                  {"h", {10.8, 11.2, 11.3, 11.4, 11.5, 11.6, 11.8, 11.9, 12.0, 11.9, 12.0, 12.0, 12.6}},
                  {"l", {9.8, 10.2, 10.4, 10.5, 10.7, 10.8, 11.0, 11.0, 11.2, 11.0, 11.2, 11.1, 11.0}},
                  {"c", {10.5, 11.0, 10.8, 11.2, 11.0, 11.4, 11.2, 11.6, 11.3, 11.7, 11.4, 11.52, 12.4}}},
             .expected = {0.0, 0.0, 0.0, 80.0, 0.0, 80.0, 0.0, 80.0, 0.0, 80.0, 0.0, 0.0, 0.0}},
        .more_rows = 1},
       lower});
}

}  // namespace orrery::plugins::operators
