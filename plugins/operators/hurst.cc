#include <limits>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::hurst_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;
using kernels::finite_lanes;
using kernels::LaneWindow;

struct RescaledRange {
  static DoubleLanes of(const LaneWindow& window) {
    // The mean is taken from the latest value on, so that equal values deviate by nothing.
    DoubleLanes count{};
    DoubleLanes latest{};
    for (int ago = window.rows() - 1; ago >= 0; --ago) {
      const DoubleLanes value = window.value(ago);
      count = finite_lanes(value) ? count + 1.0 : count;
      latest = finite_lanes(value) ? value : latest;
    }
    DoubleLanes mean{};
    DoubleLanes scale{};
    for (int ago = window.rows() - 1; ago >= 0; --ago) {
      const DoubleLanes change = window.value(ago) - latest;
      mean = finite_lanes(change) ? mean + change : mean;
      const DoubleLanes size = kernels::absolute_lanes(change);
      scale = (finite_lanes(size) & (size > scale)) ? size : scale;
    }
    mean = latest + mean / count;
    DoubleLanes sum{};
    DoubleLanes low{};
    DoubleLanes high{};
    DoubleLanes squares{};
    for (int ago = window.rows() - 1; ago >= 0; --ago) {
      const DoubleLanes deviation = window.value(ago) - mean;
      sum = finite_lanes(deviation) ? sum + deviation : sum;
      const DoubleLanes scaled = deviation / scale;  // whose square stays in range
      squares = finite_lanes(deviation) ? squares + scaled * scaled : squares;
      low = sum < low ? sum : low;
      high = sum > high ? sum : high;
    }
    return (high - low) / scale / kernels::square_roots(squares / count);
  }
};

constexpr kernels::Kernel kKernel = {"rescaled_range", kernels::scan_windows<RescaledRange>};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(1);
  const Operand ratio =
      graph.logarithm(graph.custom(kKernel, call[0], {static_cast<double>(window)}, window - 1));
  // Two values have ln(2/2) = 0 and say nothing.
  const Operand count = graph.rolling_count(call[0], window);
  const Operand half = graph.arithmetic(Arithmetic::kMultiply, count, graph.number(0.5));
  const Operand enough = graph.compare(Comparison::kGreater, half, graph.number(1.0));
  const Operand exponent = graph.arithmetic(Arithmetic::kDivide, ratio, graph.logarithm(half));
  return graph.select(enough, exponent, graph.number(kMissing));
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "Hurst",
      {{.name = "Hurst",
        .summary = "Exponent of Hurst by the rescaled range of the window: ln(R/S) / ln(n/2), R the range of "
                   "the summed deviations from the mean, S the standard deviation (over n), n the count",
        .arguments =
            {{.name = "value", .kind = ArgumentKind::kSeries, .summary = "the steps, such as returns"},
             {.name = "window",
              .kind = ArgumentKind::kWindow,
              .summary = "rows of the window",
              .minimum = 3,
              .maximum = kLongestWindow}},
        .missing = "missing values are left out; fewer than three values, or all the same: missing",
        .warm_up = "the first rows use the part of the window that there is",
        .source = "Hurst (1951), \"Long-term storage capacity of reservoirs\": K = ln(R/S) / ln(n/2)",
        .example = {.expression = "Hurst($a, 4)",
                    .fields = {{"a", {1.0, 2.0, kMissing, 4.0, 3.0}}},
                    .expected = {kMissing, kMissing, kMissing, 0.7150041811961126, 0.5}}},
       lower});
}

}  // namespace orrery::plugins::operators::hurst_plugin
