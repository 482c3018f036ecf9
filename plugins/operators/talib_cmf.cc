#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_cmf_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph,
                    "let f = talib:SUM(If(h > l, ((c - l) - (h - c))/(h - l)*v, 0*(h + l + c + v)), n); let "
                    "t = talib:SUM(v, n); If(t == 0, 0*f, f/t)",
                    {{"h", call[0]}, {"l", call[1]}, {"c", call[2]}, {"v", call[3]}, {"n", call[4]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:CMF",
               {{.name = "talib:CMF",
                 .summary = "Money flow of Chaikin: volumes weighted by where the close lies in the range, "
                            "over the volumes of the window",
                 .arguments = bar_arguments("hlcv", {period_argument(20.0)}),
                 .missing = "missing where a window has a missing row",
                 .warm_up = "missing until its windows are full",
                 .source = "TA-Lib 0.8 (C), TA_CMF",
                 .example = {.expression = "talib:CMF($h, $l, $c, $v, 2)",
                             .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}},
                                        {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}},
                                        {"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0}},
                                        {"v", {100.0, 200.0, 150.0, 300.0, 250.0, 100.0}}},
                             .expected = {kMissing, 0.22222222222222218, 0.19047619047619044,
                                          -0.2222222222222222, 0.045454545454545456, 0.07142857142857142}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_cmf_plugin
