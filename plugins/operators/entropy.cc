#include <cmath>
#include <limits>
#include <vector>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::entropy_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;
using kernels::finite_lanes;
using kernels::LaneWindow;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kMostBins = 100;

/// constants: window, bins, then n ln n for n from 0 to the window: H = ln N - sum(n ln n) / N.
double entropy_of_lane(const LaneWindow& window, int lane, double low, double high, double count) {
  if (count == 0.0) return kMissing;
  const int bins = static_cast<int>(window.number(1));
  int counts[kMostBins] = {};
  for (int ago = window.rows() - 1; ago >= 0; --ago) {
    const double value = window.value(ago)[lane];
    if (value - value != 0.0) continue;
    const double place = high > low ? (value - low) / (high - low) * bins : 0.0;
    ++counts[place >= bins - 1 ? bins - 1 : static_cast<int>(place)];
  }
  double sum = 0.0;
  for (int bin = 0; bin < bins; ++bin) sum += window.number(2 + counts[bin]);
  return (window.number(2 + static_cast<int>(count)) - sum) / count;
}

std::vector<double> constants_of(int window, double bins) {
  std::vector<double> result = {static_cast<double>(window), std::floor(bins)};
  for (int n = 0; n <= window; ++n) result.push_back(n > 1 ? n * std::log(n) : 0.0);
  return result;
}

struct WindowEntropy {
  static DoubleLanes of(const LaneWindow& window) {
    DoubleLanes low = kernels::all_lanes(kInfinity);
    DoubleLanes high = kernels::all_lanes(-kInfinity);
    DoubleLanes count{};
    for (int ago = window.rows() - 1; ago >= 0; --ago) {
      const DoubleLanes value = window.value(ago);
      low = (finite_lanes(value) & (value < low)) ? value : low;
      high = (finite_lanes(value) & (value > high)) ? value : high;
      count = finite_lanes(value) ? count + 1.0 : count;
    }
    DoubleLanes result{};
    for (int lane = 0; lane < kernels::kDoubleLanes; ++lane) {
      result[lane] = entropy_of_lane(window, lane, low[lane], high[lane], count[lane]);
    }
    return result;
  }
};

constexpr kernels::Kernel kKernel = {"entropy", kernels::scan_windows<WindowEntropy>};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(1);
  return graph.custom(kKernel, call[0], constants_of(window, call.number(2)), window - 1);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Entropy",
               {{.name = "Entropy",
                 .summary = "Entropy of the window in nats: its values are counted in `bins` bins of equal "
                            "width between the smallest and the greatest",
                 .arguments = {series_argument(), window_argument(1),
                               number_argument("bins", "how many bins", 10.0, 2, 100)},
                 .missing = "missing values are left out of the window; none left: missing",
                 .warm_up = "the first rows use the part of the window that there is",
                 .source = "Shannon (1948), of a histogram",
                 .example = {.expression = "Entropy($a, 4, 2)",
                             .fields = {{"a", {1.0, 2.0, kMissing, 4.0, 4.0}}},
                             .expected = {0.0, 0.6931471805599453, 0.6931471805599453, 0.6365141682948128,
                                          0.6365141682948128}}},
                lower});
}

}  // namespace orrery::plugins::operators::entropy_plugin
