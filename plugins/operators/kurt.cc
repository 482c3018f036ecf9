#include <limits>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;
using kernels::finite_lanes;
using kernels::LaneWindow;

/// Central moments of a window's values by two passes.
struct CentralMoments {
  DoubleLanes count{};
  DoubleLanes second{};
  DoubleLanes fourth{};
  DoubleLanes least = kernels::all_lanes(std::numeric_limits<double>::infinity());
  DoubleLanes greatest = kernels::all_lanes(-std::numeric_limits<double>::infinity());
};

CentralMoments central_moments(const LaneWindow& window) {
  CentralMoments result;
  DoubleLanes sum{};
  for (int ago = window.rows() - 1; ago >= 0; --ago) {
    const DoubleLanes value = window.value(ago);
    const auto valid = finite_lanes(value);
    result.count = valid ? result.count + 1.0 : result.count;
    sum = valid ? sum + value : sum;
    result.least = (valid & (value < result.least)) ? value : result.least;
    result.greatest = (valid & (value > result.greatest)) ? value : result.greatest;
  }
  const DoubleLanes mean = sum / result.count;
  for (int ago = window.rows() - 1; ago >= 0; --ago) {
    const DoubleLanes value = window.value(ago);
    const DoubleLanes deviation = finite_lanes(value) ? value - mean : DoubleLanes{};
    const DoubleLanes square = deviation * deviation;
    result.second += square;
    result.fourth += square * square;
  }
  result.second /= result.count;
  result.fourth /= result.count;
  return result;
}

/// pandas gives no value where the variance is no more than this.
constexpr double kLeastVariance = 1e-14;

struct Kurtosis {
  static DoubleLanes of(const LaneWindow& window) {
    const CentralMoments moments = central_moments(window);
    const DoubleLanes n = moments.count;
    const DoubleLanes ratio = (n * n - 1.0) * moments.fourth / (moments.second * moments.second);
    DoubleLanes result = (ratio - 3.0 * (n - 1.0) * (n - 1.0)) / ((n - 2.0) * (n - 3.0));
    result = moments.second <= kLeastVariance ? kernels::all_lanes(kMissing) : result;
    result = moments.least == moments.greatest ? kernels::all_lanes(-3.0) : result;
    return n < 4.0 ? kernels::all_lanes(kMissing) : result;
  }
};

constexpr kernels::Kernel kKurtosis = {"kurtosis", kernels::scan_windows<Kurtosis>};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(1);
  return graph.custom(kKurtosis, call[0], {static_cast<double>(window)}, window - 1);
}

}  // namespace

void register_operators_kurt(Registry& registry) {
  registry.add("Kurt",
               {{.name = "Kurt",
                 .summary = "Excess kurtosis of the window, corrected for its length",
                 .arguments = {{.name = "value", .kind = ArgumentKind::kSeries, .summary = "the series"},
                               {.name = "window",
                                .kind = ArgumentKind::kWindow,
                                .summary = "rows of the window",
                                .minimum = 4,
                                .maximum = kLongestWindow}},
                 .missing = "missing values are left out of the window; fewer than four left: missing",
                 .warm_up = "the first rows use the part of the window that there is",
                 .source = "qlib 0.9.7, qlib.data.ops.Kurt",
                 .example = {.expression = "Kurt($a, 5)",
                             .fields = {{"a", {1.0, 2.0, 4.0, kMissing, 8.0}}},
                             .expected = {kMissing, kMissing, kMissing, kMissing, 0.7576559546313799}},
                 .aliases = {"TsKurtosis"}},
                lower});
}

}  // namespace orrery::plugins::operators
