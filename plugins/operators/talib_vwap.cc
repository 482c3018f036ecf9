#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_vwap_plugin {
namespace {

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "let p = (h + l + c)/3; talib:CUMSUM(p*v)/talib:CUMSUM(v + 0*p)",
                    {{"h", call[0]}, {"l", call[1]}, {"c", call[2]}, {"v", call[3]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:VWAP",
               {{.name = "talib:VWAP",
                 .summary = "Mean of the typical price over all observations so far, weighted by volume",
                 .arguments = bar_arguments("hlcv"),
                 .missing = "a row on which an input is missing changes nothing and has no value",
                 .warm_up = "none",
                 .source = "TA-Lib 0.8 (C), TA_VWAP",
                 .example = {.expression = "talib:VWAP($h, $l, $c, $v)",
                             .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}},
                                        {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}},
                                        {"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0}},
                                        {"v", {100.0, 200.0, 150.0, 300.0, 250.0, 100.0}}},
                             .expected = {1.5, 2.055555555555556, 2.7037037037037037, 3.0888888888888895,
                                          3.608333333333334, 3.7803030303030307}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_vwap_plugin
