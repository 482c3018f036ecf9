#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::talib_t3_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return lower_text(graph,
                    "let e1 = talib:EMA(x, n); let e2 = talib:EMA(e1, n); let e3 = talib:EMA(e2, n); let e4 "
                    "= talib:EMA(e3, n); let e5 = talib:EMA(e4, n); let e6 = talib:EMA(e5, n); let q = v*v; "
                    "let c1 = -1*q*v; let c2 = 3*(q - c1); let c3 = -6*q - 3*(v - c1); let c4 = 1 + 3*v - c1 "
                    "+ 3*q; c1*e6 + c2*e5 + c3*e4 + c4*e3",
                    {{"x", call[0]}, {"n", call[1]}, {"v", call[2]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:T3",
               {{.name = "talib:T3",
                 .summary = "Mean of Tillson: exponential means of exponential means, weighted by vfactor",
                 .arguments = {series_argument(), period_argument(5.0),
                               number_argument("vfactor", "from 0 to 1", 0.7)},
                 .missing = "missing where a window has a missing row",
                 .warm_up = "missing until its windows are full",
                 .source = "TA-Lib 0.6 (C), TA_T3",
                 .example = {.expression = "talib:T3($a, 2, 0.7)",
                             .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0, 7.0, 9.0}}},
                             .expected = {kMissing, kMissing, kMissing, kMissing, kMissing, kMissing,
                                          7.695312604785853, 8.355935070873343}}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_t3_plugin
