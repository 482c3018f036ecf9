#pragma once

namespace orrery::kernels {

/// A window cut in two: the newer rows, and the older ones behind them.
struct WindowCut {
  int newer = 0;
  int older = 0;
};

/// The largest proper divisor and the rest; one row and the rest where there is none.
constexpr WindowCut cut_without_overlap(int window) {
  for (int divisor = 2; divisor * divisor <= window; ++divisor) {
    if (window % divisor == 0) return {window / divisor, window - window / divisor};
  }
  return {1, window - 1};
}

/// Windows up to this length are made from their rows by one kernel, in the order of the cuts.
inline constexpr int kLongestFromRows = 6;

}  // namespace orrery::kernels
