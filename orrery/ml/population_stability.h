#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace orrery {

/// Bins with equal shares of a reference, and how far other values' shares are from them.
class PopulationStability {
 public:
  /// Cuts the finite values of `reference` at their quantiles 1/bins, 2/bins, … (linear interpolation,
  /// numpy's default); equal cuts become one. A bin holds its upper cut. Where the last cut
  /// is the largest value, that value has a bin of its own, as a flag that is almost always set needs.
  /// Errors: kInvalidArgument for fewer than 2 bins.
  explicit PopulationStability(std::span<const double> reference, int bins = 10);

  std::size_t bins() const { return cuts_.size() + 1; }

  /// Returns the population stability index of the finite `values`: Σ (a - e) ln(a / e) over the bins, a and
  /// e the shares of the values and of the reference in a bin, an empty one counted as `kEmptyShare`. 0: the
  /// same shares; 0.1 to 0.25 is called a moderate shift, more a large one. NaN without values or reference.
  /// Source: Siddiqi (2006), Credit Risk Scorecards, ch. 6, with the two thresholds; on samples of one
  /// distribution it is about (1/n + 1/m) times χ² with bins - 1 degrees of freedom (Yurdakul, 2018).
  double index(std::span<const double> values) const;

  /// The same of values that are a part of the reference, held against the rest of it.
  double index_of_part(std::span<const double> values) const;

  /// What an empty bin counts as, as in evidently's get_binned_data.
  static constexpr double kEmptyShare = 1e-4;

 private:
  std::vector<double> counts_of(std::span<const double> values) const;

  std::vector<double> cuts_;
  std::vector<double> reference_;  ///< values in each bin
};

}  // namespace orrery
