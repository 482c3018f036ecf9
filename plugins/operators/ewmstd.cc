#include <cstdint>
#include <limits>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;
using kernels::finite_lanes;
using kernels::KernelCall;
using kernels::load_lanes;
using kernels::store_lanes;

/// One row: the weights fall by `kept`; a row with values moves the moments, as pandas' ewmcov does.
void advance(DoubleLanes* s, DoubleLanes x, DoubleLanes y, double kept) {
  const auto valid = finite_lanes(x) & finite_lanes(y);
  const DoubleLanes past = s[5] * kept;
  const DoubleLanes total = past + 1.0;
  const DoubleLanes mean_x = s[0] == x ? s[0] : (past * s[0] + x) / total;
  const DoubleLanes mean_y = s[1] == y ? s[1] : (past * s[1] + y) / total;
  const DoubleLanes moved_x = s[0] - mean_x;
  const DoubleLanes moved_y = s[1] - mean_y;
  s[2] = valid ? (past * (s[2] + moved_x * moved_x) + (x - mean_x) * (x - mean_x)) / total : s[2];
  s[3] = valid ? (past * (s[3] + moved_y * moved_y) + (y - mean_y) * (y - mean_y)) / total : s[3];
  s[4] = valid ? (past * (s[4] + moved_x * moved_y) + (x - mean_x) * (y - mean_y)) / total : s[4];
  s[0] = valid ? mean_x : s[0];
  s[1] = valid ? mean_y : s[1];
  const DoubleLanes pairs = s[6] * (kept * kept);
  s[6] = valid ? pairs + 2.0 * past : pairs;
  s[5] = valid ? total : past;
}

/// The variance with its bias taken out: V1^2 / (V1^2 - V2) for sums of weights V1 and squared weights V2.
/// The difference is kept as the sum of the products of pairs of weights, which loses no digits.
DoubleLanes result_of(const DoubleLanes* s) {
  const DoubleLanes variance = s[5] * s[5] / s[6] * s[2];
  return s[6] > 0.0 ? kernels::square_roots(variance) : kernels::all_lanes(kMissing);
}

/// State, by lane: means of x and y, their squares' and products' weighted means around them, the sum of the
/// weights, where the latest row has 1, and the sum over pairs of twice the product of their weights.
constexpr int kStates = 7;

void run(const KernelCall& call, std::int64_t first_row, int rows) {
  auto* state = reinterpret_cast<double*>(call.state);
  const double kept = call.constants[0];
  for (std::int64_t row = first_row; row < first_row + rows; ++row) {
    const double* from_x = call.input_row<double>(0, row);
    const double* from_y = call.input_row<double>(0, row);
    double* to = call.output_row<double>(0, row);
    for (int lane = 0; lane < call.lanes; lane += kernels::kDoubleLanes) {
      DoubleLanes s[kStates];
      for (int i = 0; i < kStates; ++i) s[i] = load_lanes(state + i * call.lanes + lane);
      advance(s, load_lanes(from_x + lane), load_lanes(from_y + lane), kept);
      for (int i = 0; i < kStates; ++i) store_lanes(state + i * call.lanes + lane, s[i]);
      store_lanes(to + lane, result_of(s));
    }
  }
}

std::size_t state_bytes(const KernelCall& call) {
  return kStates * static_cast<std::size_t>(call.lanes) * sizeof(double);
}

void reset(const KernelCall& call) {
  auto* state = reinterpret_cast<double*>(call.state);
  for (int i = 0; i < kStates * call.lanes; ++i) state[i] = 0.0;
}

constexpr kernels::Kernel kKernel = {"ewm_std", run, nullptr, state_bytes, reset};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const double span = call.number(1);
  const double alpha = span < 1.0 ? span : 2.0 / (span + 1.0);
  return graph.custom(kKernel, call[0], {1.0 - alpha}, 0);
}

}  // namespace

void register_operators_ewmstd(Registry& registry) {
  registry.add(
      "EWMStd",
      {{.name = "EWMStd",
        .summary = "Exponentially weighted standard deviation over all rows so far, without bias",
        .arguments = {{.name = "value", .kind = ArgumentKind::kSeries, .summary = "the series"},
                      {.name = "span",
                       .kind = ArgumentKind::kNumber,
                       .summary =
                           "span of at least 1 row, alpha = 2 / (span + 1); a number below 1 is alpha itself",
                       .minimum = 1e-9,
                       .maximum = 1e9}},
        .missing = "a missing row keeps the value and lets its weight fall; fewer than two values: missing",
        .warm_up = "missing for the first value",
        .source = "pandas 2.2, ewm(adjust=True, ignore_na=False).std()",
        .example = {.expression = "EWMStd($a, 3)",
                    .fields = {{"a", {1.0, 2.0, kMissing, 4.0}}},
                    .expected = {kMissing, 0.7071067811865476, 0.7071067811865476, 1.6290629680421054}}},
       lower});
}

}  // namespace orrery::plugins::operators
