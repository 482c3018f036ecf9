#include <limits>
#include <vector>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;
using kernels::finite_lanes;
using kernels::LaneWindow;

/// Means of the rows on which both have a value.
struct PairMeans {
  DoubleLanes count{};
  DoubleLanes x{};
  DoubleLanes y{};
};

PairMeans means_of(const LaneWindow& window) {
  PairMeans sums;
  for (int ago = window.rows() - 1; ago >= 0; --ago) {
    const DoubleLanes y = window.value(0, ago);
    const DoubleLanes x = window.value(1, ago);
    const auto both = finite_lanes(x) & finite_lanes(y);
    sums.count = both ? sums.count + 1.0 : sums.count;
    sums.x = both ? sums.x + x : sums.x;
    sums.y = both ? sums.y + y : sums.y;
  }
  sums.x /= sums.count;
  sums.y /= sums.count;
  return sums;
}

/// Covariance over the variance of x, from the deviations from the means; missing where x does not vary.
DoubleLanes slope_of(const LaneWindow& window, const PairMeans& means) {
  DoubleLanes products{};
  DoubleLanes squares{};
  for (int ago = window.rows() - 1; ago >= 0; --ago) {
    const DoubleLanes y = window.value(0, ago) - means.y;
    const DoubleLanes x = window.value(1, ago) - means.x;
    const auto both = finite_lanes(x) & finite_lanes(y);
    products = both ? products + x * y : products;
    squares = both ? squares + x * x : squares;
  }
  return products / squares;
}

struct Slope {
  static DoubleLanes of(const LaneWindow& window) { return slope_of(window, means_of(window)); }
};

constexpr kernels::Kernel kKernel = {"regression_beta", kernels::scan_windows<Slope>};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(2);
  return graph.custom(kKernel, std::vector<Operand>{call[0], call[1]}, {static_cast<double>(window)},
                      window - 1);
}

}  // namespace

void register_operators_regression_beta(Registry& registry) {
  registry.add(
      "RegressionBeta",
      {{.name = "RegressionBeta",
        .summary = "Slope of a regression of y on x over the window: of returns on the returns of the "
                   "market, the beta",
        .arguments = {{.name = "y", .kind = ArgumentKind::kSeries, .summary = "what is explained"},
                      {.name = "x", .kind = ArgumentKind::kSeries, .summary = "what explains it"},
                      {.name = "window",
                       .kind = ArgumentKind::kWindow,
                       .summary = "rows of the window",
                       .minimum = 2,
                       .maximum = kLongestWindow}},
        .missing = "rows on which either one is missing are left out; fewer than two left, or no variation "
                   "of x: missing",
        .warm_up = "the first rows use the part of the window that there is",
        .source = "ordinary least squares with an intercept",
        .example = {.expression = "RegressionBeta($a, $b, 4)",
                    .fields = {{"a", {1.0, 2.0, kMissing, 4.0, 7.0}}, {"b", {1.0, 2.0, 5.0, 3.0, 4.0}}},
                    .expected = {kMissing, 1.0, 1.0, 1.5, 2.5}}},
       lower});
}

}  // namespace orrery::plugins::operators
