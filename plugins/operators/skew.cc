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
using kernels::square_roots;

/// Central moments of a window's values by two passes.
struct CentralMoments {
  DoubleLanes count{};
  DoubleLanes second{};
  DoubleLanes third{};
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
    result.third += square * deviation;
  }
  result.second /= result.count;
  result.third /= result.count;
  return result;
}

/// pandas gives no value where the variance is no more than this.
constexpr double kLeastVariance = 1e-14;

struct Skewness {
  static DoubleLanes of(const LaneWindow& window) {
    const CentralMoments moments = central_moments(window);
    const DoubleLanes n = moments.count;
    const DoubleLanes correction = square_roots(n * (n - 1.0)) / (n - 2.0);
    DoubleLanes result = correction * moments.third / (moments.second * square_roots(moments.second));
    result = moments.second <= kLeastVariance ? kernels::all_lanes(kMissing) : result;
    result = moments.least == moments.greatest ? DoubleLanes{} : result;
    return n < 3.0 ? kernels::all_lanes(kMissing) : result;
  }
};

constexpr kernels::Kernel kSkewness = {"skewness", kernels::scan_windows<Skewness>};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(1);
  return graph.custom(kSkewness, call[0], {static_cast<double>(window)}, window - 1);
}

}  // namespace

void register_operators_skew(Registry& registry) {
  registry.add("Skew",
               {{.name = "Skew",
                 .summary = "Skewness of the window, corrected for its length",
                 .arguments = {{.name = "value", .kind = ArgumentKind::kSeries, .summary = "the series"},
                               {.name = "window",
                                .kind = ArgumentKind::kWindow,
                                .summary = "rows of the window",
                                .minimum = 3,
                                .maximum = kLongestWindow}},
                 .missing = "missing values are left out of the window; fewer than three left: missing",
                 .warm_up = "the first rows use the part of the window that there is",
                 .source = "qlib 0.9.7, qlib.data.ops.Skew",
                 .example = {.expression = "Skew($a, 4)",
                             .fields = {{"a", {1.0, 2.0, 4.0, kMissing, 8.0}}},
                             .expected = {kMissing, kMissing, 0.9352195295828237, 0.9352195295828237,
                                          0.9352195295828237}},
                 .aliases = {"TsSkewness"}},
                lower});
}

}  // namespace orrery::plugins::operators
