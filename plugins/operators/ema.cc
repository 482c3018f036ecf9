#include <limits>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/exponential/span.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::ema_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;
using kernels::finite_lanes;
using kernels::KernelCall;
using kernels::load_lanes;
using kernels::store_lanes;

/// State: by lane the mean so far (NaN before the first value), then by lane the sum of the weights in it.
void exponential_mean(const KernelCall& call, std::int64_t first_row, int rows) {
  auto* means = reinterpret_cast<double*>(call.state);
  double* weights = means + call.lanes;
  for (std::int64_t row = first_row; row < first_row + rows; ++row) {
    const double* from = call.input_row<double>(0, row);
    double* to = call.output_row<double>(0, row);
    for (int lane = 0; lane < call.lanes; lane += kernels::kDoubleLanes) {
      const DoubleLanes value = load_lanes(from + lane);
      const DoubleLanes mean = load_lanes(means + lane);
      const DoubleLanes kept = load_lanes(weights + lane) * call.constants[0];
      const auto valid = finite_lanes(value);
      const auto started = mean == mean;
      DoubleLanes next = (kept * mean + value) / (kept + 1.0);
      next = mean == value ? mean : next;  // a constant series stays constant to the last bit
      next = started ? next : value;
      next = valid ? next : mean;
      const DoubleLanes first_weight = valid ? DoubleLanes{} + 1.0 : DoubleLanes{};
      store_lanes(means + lane, next);
      store_lanes(weights + lane, started ? kept + first_weight : first_weight);
      store_lanes(to + lane, next);
    }
  }
}

std::size_t exponential_mean_bytes(const KernelCall& call) {
  return 2 * static_cast<std::size_t>(call.lanes) * sizeof(double);
}

void reset_exponential_mean(const KernelCall& call) {
  auto* means = reinterpret_cast<double*>(call.state);
  for (int lane = 0; lane < call.lanes; ++lane) {
    means[lane] = kMissing;
    means[call.lanes + lane] = 0.0;
  }
}

constexpr kernels::Kernel kExponentialMean = {"exponential_mean", exponential_mean, nullptr,
                                              exponential_mean_bytes, reset_exponential_mean};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kExponentialMean, call[0], {kept_of_span(call.number(1))}, 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(
      "EMA",
      {{.name = "EMA",
        .summary = "Exponentially weighted mean over all rows so far, weights falling by 1 - alpha a row",
        .arguments = {series_argument(), span_argument()},
        .missing = "a missing row keeps the mean and lets its weight fall; missing before the first value",
        .warm_up = "the mean of what there is",
        .source = "qlib 0.9.7, qlib.data.ops.EMA; pandas 2.2 ewm(adjust=True, ignore_na=False).mean()",
        .example = {.expression = "EMA($a, 3)",
                    .fields = {{"a", {1.0, 2.0, kMissing, 4.0}}},
                    .expected = {1.0, 1.6666666666666667, 1.6666666666666667, 3.3636363636363638}},
        .aliases = {"EWMMean"}},
       lower});
}

}  // namespace orrery::plugins::operators::ema_plugin
