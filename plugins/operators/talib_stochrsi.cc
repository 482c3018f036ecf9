#include <array>
#include <cstddef>
#include <limits>
#include <string>

#include "orrery/factor/operator_call.h"
#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/moving_averages.h"

namespace orrery::plugins::operators::talib_stochrsi_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  static const std::array<std::string, 2> kTexts = {
      "let r = talib:RSI(x, n); talib:STOCHF(r, r, r, k, d, m).fastk",
      "let r = talib:RSI(x, n); talib:STOCHF(r, r, r, k, d, m).fastd"};
  return lower_text(graph, kTexts[static_cast<std::size_t>(call.output())],
                    {{"x", call[0]}, {"n", call[1]}, {"k", call[2]}, {"d", call[3]}, {"m", call[4]}});
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "talib:STOCHRSI",
      {{.name = "talib:STOCHRSI",
        .summary = "Fast stochastic of the relative strength index",
        .arguments = {series_argument(), period_argument(14.0), period_argument(5.0, 1.0, "fastk_period"),
                      period_argument(3.0, 1.0, "fastd_period"), average_argument("fastd_matype")},
        .missing = "missing where a window has a missing row",
        .warm_up = "missing until its windows are full",
        .source = "TA-Lib 0.6 (C), TA_STOCHRSI",
        .example = {.expression = "talib:STOCHRSI($a, 2, 2, 1)",
                    .fields = {{"a", {1.0, 2.0, 6.0, 5.0, 9.0, 8.0}}},
                    .expected = {kMissing, kMissing, kMissing, 0.0, 100.0, 0.0}},
        .outputs = {"fastk", "fastd"}},
       lower});
}

}  // namespace orrery::plugins::operators::talib_stochrsi_plugin
