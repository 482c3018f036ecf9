#pragma once

#include <cstdint>

#include "orrery/factor/kernels/kernel.h"

namespace orrery::kernels {

/// Four instruments side by side, for kernels that live in an operator's own file. Compiled once, for the
/// floor of supported machines. Comparisons give lanes of all ones or zeros, to be used with `?:`.
using DoubleLanes = double __attribute__((vector_size(32)));
inline constexpr int kDoubleLanes = 4;

inline DoubleLanes all_lanes(double value) { return DoubleLanes{} + value; }
inline DoubleLanes load_lanes(const double* from) { return *reinterpret_cast<const DoubleLanes*>(from); }
inline DoubleLanes load_lanes(const float* from) {
  using FloatLanes = float __attribute__((vector_size(16)));
  return __builtin_convertvector(*reinterpret_cast<const FloatLanes*>(from), DoubleLanes);
}
inline void store_lanes(double* to, DoubleLanes value) { *reinterpret_cast<DoubleLanes*>(to) = value; }
inline auto finite_lanes(DoubleLanes value) { return value - value == DoubleLanes{}; }
inline DoubleLanes square_roots(DoubleLanes value) {
  for (int i = 0; i < kDoubleLanes; ++i) value[i] = __builtin_sqrt(value[i]);
  return value;
}
inline DoubleLanes absolute_lanes(DoubleLanes value) { return value < DoubleLanes{} ? -value : value; }

/// A window of some instruments as an operator's kernel sees it: input 0 is the value, input 1 is 0 while the
/// instrument exists and NaN outside.
class LaneWindow {
 public:
  LaneWindow(const KernelCall& call, std::int64_t row, int lane) : call_(call), row_(row), lane_(lane) {}

  /// Rows of the window.
  int rows() const { return static_cast<int>(call_.constants[0]); }
  /// The values of `ago` rows before the window's latest.
  DoubleLanes value(int ago) const { return load_lanes(call_.input_row<double>(0, row_ - ago) + lane_); }
  /// The same of one of several inputs.
  DoubleLanes value(int input, int ago) const {
    return load_lanes(call_.input_row<double>(input, row_ - ago) + lane_);
  }
  /// The kernel's constant at place `i`; the first one is the window.
  double number(int i) const { return call_.constants[i]; }
  /// All ones where the instrument existed then, for a kernel of one value.
  auto alive(int ago) const {
    const DoubleLanes life = load_lanes(call_.input_row<float>(1, row_ - ago) + lane_);
    return life == life;
  }

 private:
  const KernelCall& call_;
  std::int64_t row_;
  int lane_;
};

/// A kernel that computes each row's value from a pass over its window: `Statistic::of(const LaneWindow&)`.
template <class Statistic>
void scan_windows(const KernelCall& call, std::int64_t first_row, int rows) {
  for (std::int64_t row = first_row; row < first_row + rows; ++row) {
    double* to = call.output_row<double>(0, row);
    for (int lane = 0; lane < call.lanes; lane += kDoubleLanes) {
      store_lanes(to + lane, Statistic::of(LaneWindow(call, row, lane)));
    }
  }
}

}  // namespace orrery::kernels
