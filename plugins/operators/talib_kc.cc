#include <algorithm>
#include <cstddef>
#include <limits>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/moving_averages.h"

namespace orrery::plugins::operators::talib_kc_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int mean_warm_up = call.rows(3) - 1;
  const int range_warm_up = call.rows(4) > 1 ? call.rows(4) : 1;
  const int warm_up = std::max(mean_warm_up, range_warm_up);
  const auto later = [&](std::size_t i, int own) { return without_first(graph, call[i], warm_up - own); };
  const Operand typical =
      lower_text(graph, "talib:TYPPRICE(h, l, c)", {{"h", call[0]}, {"l", call[1]}, {"c", call[2]}});
  const Operand mean =
      moving_average(graph, without_first(graph, typical, warm_up - mean_warm_up), call.rows(3), 1);
  const Operand range = lower_text(graph, "talib:ATR(h, l, c, n)",
                                   {{"h", later(0, range_warm_up)},
                                    {"l", later(1, range_warm_up)},
                                    {"c", later(2, range_warm_up)},
                                    {"n", call[4]}});
  constexpr const char* kTexts[] = {"m + k*r", "m + 0*r", "m - k*r"};
  return lower_text(graph, kTexts[call.output()], {{"m", mean}, {"r", range}, {"k", call[5]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:KC",
               {{.name = "talib:KC",
                 .summary = "Channel of Keltner: the exponential mean of the typical price, and so many "
                            "average true ranges above and below",
                 .arguments = bar_arguments(
                     "hlc", {period_argument(20.0), period_argument(10.0, 1.0, "atrperiod"),
                             number_argument("nbdev", "average true ranges above and below", 2.0)}),
                 .missing = "a row on which an input is missing changes nothing and has no value",
                 .warm_up = "missing until both averages are there, which begin at once",
                 .source = "TA-Lib 0.8 (C), TA_KC",
                 .example = {.expression = "talib:KC($h, $l, $c, 2, 2, 1)",
                             .fields = {{"h", {2.0, 3.0, 5.0, 4.5, 6.0, 6.5}},
                                        {"l", {1.0, 1.5, 3.0, 3.0, 4.0, 5.0}},
                                        {"c", {1.5, 2.5, 4.0, 3.5, 5.5, 5.0}}},
                             .expected = {kMissing, kMissing, 5.166666666666667, 5.25, 6.736111111111112,
                                          7.016203703703704}},
                 .more_rows = 1,
                 .outputs = {"upper", "middle", "lower"}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_kc_plugin
