#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_ad_plugin {
namespace {

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph, "talib:CUMSUM(If(h > l, ((c - l) - (h - c))/(h - l)*v, 0*(h + l + c + v)))",
                    {{"h", call[0]}, {"l", call[1]}, {"c", call[2]}, {"v", call[3]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:AD",
               {{.name = "talib:AD",
                 .summary = "Accumulation and distribution line of Chaikin: the running total of the "
                            "volumes, weighted by where the close lies in the range",
                 .arguments = bar_arguments("hlcv"),
                 .missing = "a row on which an input is missing changes nothing and has no value",
                 .warm_up = "none",
                 .source = "TA-Lib 0.8 (C), TA_AD",
                 .example = {.expression = "talib:AD($h, $l, $c, $v)",
                             .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}},
                                        {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}},
                                        {"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0}},
                                        {"v", {100.0, 200.0, 150.0, 300.0, 250.0, 100.0}}},
                             .expected = {0.0, 66.66666666666666, 66.66666666666666, -33.33333333333334,
                                          91.66666666666666, -8.333333333333343}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_ad_plugin
