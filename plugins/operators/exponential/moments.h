#pragma once

#include <cstddef>
#include <cstdint>

#include "orrery/factor/kernels/lanes.h"

namespace orrery::plugins::operators {

/// Exponentially weighted moments of pairs, by lane, as pandas' ewmcov has them.
struct ExponentialMoments {
  kernels::DoubleLanes mean_x{};
  kernels::DoubleLanes mean_y{};
  kernels::DoubleLanes squares_x{};  ///< weighted mean of the squares around the mean
  kernels::DoubleLanes squares_y{};
  kernels::DoubleLanes products{};
  kernels::DoubleLanes weights{};  ///< their sum, where the latest row has 1
  kernels::DoubleLanes pairs{};    ///< sum over pairs of rows of twice the product of their weights

  /// One row: the weights fall by `kept`; a row with values moves the moments.
  void advance(kernels::DoubleLanes x, kernels::DoubleLanes y, double kept) {
    using kernels::DoubleLanes;
    const auto valid = kernels::finite_lanes(x) & kernels::finite_lanes(y);
    const DoubleLanes past = weights * kept;
    const DoubleLanes total = past + 1.0;
    const DoubleLanes next_x = mean_x == x ? mean_x : (past * mean_x + x) / total;
    const DoubleLanes next_y = mean_y == y ? mean_y : (past * mean_y + y) / total;
    const DoubleLanes moved_x = mean_x - next_x;
    const DoubleLanes moved_y = mean_y - next_y;
    squares_x =
        valid ? (past * (squares_x + moved_x * moved_x) + (x - next_x) * (x - next_x)) / total : squares_x;
    squares_y =
        valid ? (past * (squares_y + moved_y * moved_y) + (y - next_y) * (y - next_y)) / total : squares_y;
    products =
        valid ? (past * (products + moved_x * moved_y) + (x - next_x) * (y - next_y)) / total : products;
    mean_x = valid ? next_x : mean_x;
    mean_y = valid ? next_y : mean_y;
    const DoubleLanes kept_pairs = pairs * (kept * kept);
    pairs = valid ? kept_pairs + 2.0 * past : kept_pairs;
    weights = valid ? total : past;
  }
};

inline constexpr int kExponentialMoments = 7;

/// Runs over pairs: inputs `X` and `Y`, `constants[0]` what weights keep from row to row; each row has
/// `Result::of(const ExponentialMoments&)`.
template <class Result, int X, int Y>
void run_exponential_moments(const kernels::KernelCall& call, std::int64_t first_row, int rows) {
  auto* state = reinterpret_cast<double*>(call.state);
  for (std::int64_t row = first_row; row < first_row + rows; ++row) {
    for (int lane = 0; lane < call.lanes; lane += kernels::kDoubleLanes) {
      double* place[kExponentialMoments];
      for (int i = 0; i < kExponentialMoments; ++i) place[i] = state + i * call.lanes + lane;
      ExponentialMoments m;
      kernels::DoubleLanes* fields[kExponentialMoments] = {
          &m.mean_x, &m.mean_y, &m.squares_x, &m.squares_y, &m.products, &m.weights, &m.pairs};
      for (int i = 0; i < kExponentialMoments; ++i) *fields[i] = kernels::load_lanes(place[i]);
      m.advance(kernels::load_lanes(call.input_row<double>(X, row) + lane),
                kernels::load_lanes(call.input_row<double>(Y, row) + lane), call.constants[0]);
      for (int i = 0; i < kExponentialMoments; ++i) kernels::store_lanes(place[i], *fields[i]);
      kernels::store_lanes(call.output_row<double>(0, row) + lane, Result::of(m));
    }
  }
}

inline std::size_t exponential_moments_bytes(const kernels::KernelCall& call) {
  return kExponentialMoments * static_cast<std::size_t>(call.lanes) * sizeof(double);
}

inline void reset_exponential_moments(const kernels::KernelCall& call) {
  auto* state = reinterpret_cast<double*>(call.state);
  for (int i = 0; i < kExponentialMoments * call.lanes; ++i) state[i] = 0.0;
}

template <class Result, int X, int Y>
constexpr kernels::Kernel exponential_moments_kernel(const char* name) {
  return {name, run_exponential_moments<Result, X, Y>, nullptr, exponential_moments_bytes,
          reset_exponential_moments};
}

}  // namespace orrery::plugins::operators
