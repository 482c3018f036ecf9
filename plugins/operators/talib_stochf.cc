#include <array>
#include <cstddef>
#include <limits>
#include <string>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/moving_averages.h"

namespace orrery::plugins::operators::talib_stochf_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  static const std::array<std::string, 2> kTexts = {"talib:STOCH(h, l, c, n, 1, 0, d, m).slowk",
                                                    "talib:STOCH(h, l, c, n, 1, 0, d, m).slowd"};
  return lower_text(
      graph, kTexts[static_cast<std::size_t>(call.output())],
      {{"h", call[0]}, {"l", call[1]}, {"c", call[2]}, {"n", call[3]}, {"d", call[4]}, {"m", call[5]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("talib:STOCHF",
               {{.name = "talib:STOCHF",
                 .summary = "Fast stochastic: where the close lies in the range of the window, from 0 to 100 "
                            "(fastk), and smoothed (fastd)",
                 .arguments = bar_arguments(
                     "hlc", {period_argument(5.0, 1.0, "fastk_period"),
                             period_argument(3.0, 1.0, "fastd_period"), average_argument("fastd_matype")}),
                 .missing = "missing where a window has a missing row",
                 .warm_up = "missing until its windows are full",
                 .source = "TA-Lib 0.6 (C), TA_STOCHF",
                 .example = {.expression = "talib:STOCHF($h, $l, $c, 2, 2)",
                             .fields = {{"h", {2.0, 4.0, 5.0, 7.0, 8.0}},
                                        {"l", {1.0, 2.0, 3.0, 5.0, 5.0}},
                                        {"c", {1.5, 3.0, 4.0, 6.0, 6.0}}},
                             .expected = {kMissing, kMissing, 66.66666666666666, 75.0, 33.33333333333333}},
                 .outputs = {"fastk", "fastd"}},
                lower});
}

}  // namespace orrery::plugins::operators::talib_stochf_plugin
