#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "orrery/data/price_history.h"

namespace orrery {

/// The ratio of adjusted to plain close, row by row, and its steps. Rows without a close are passed over.
class AdjustedCloses {
 public:
  explicit AdjustedCloses(const PriceHistory& history);

  /// The last row before `row` with a close; nothing where there is none.
  std::optional<std::size_t> before(std::size_t row) const;
  /// The first row from `row` on with a close; nothing where there is none.
  std::optional<std::size_t> from(std::size_t row) const;
  /// Returns what part of the price the adjusted closes take off between the rows around the start of `row`:
  /// 1 − ratio before / ratio from there on. A dividend of D shows as D / close before. NaN where a ratio is
  /// missing, infinite or zero; absurd ratios give absurd parts.
  double taken_off(std::size_t row) const;
  /// The largest part that rounding alone takes off, seen at the rows where nothing happened.
  double noise() const { return noise_; }

 private:
  void measure_noise(const PriceHistory& history);

  std::vector<double> ratio_;        ///< NaN where there is no close
  std::vector<std::size_t> before_;  ///< by row: 1 + the last row before with a close; 0: none
  std::vector<std::size_t> from_;    ///< by row: the first row from there on with a close
  double noise_ = 0.0;
};

/// A step that adjusted closes should have: rows before `row` are lower by the part `taken_off`.
struct AdjustmentStep {
  std::size_t row = 0;
  double taken_off = 0.0;
};

/// Chains the adjusted closes anew from the last row back: the steps given replace those that are there, all
/// others stay as they are. Rows behind the last given step keep their bits. Where adjusted closes are
/// negative, infinite or missing beside a close, the ratio of the rows behind goes on.
void rechain(PriceHistory& history, const std::vector<AdjustmentStep>& steps);

}  // namespace orrery
