#pragma once

#include <cstddef>
#include <span>

namespace orrery {

/// Returns the rank, from 1, of the one of `count` past scores that conformal_bound takes: ceil((count + 1) ×
/// coverage); above `count` where no past score is bound enough.
std::size_t conformal_rank(std::size_t count, double coverage);

/// Returns the bound that a further score of the same kind does not exceed with probability `coverage` or
/// more: of n past scores the ceil((n + 1) × coverage)-th smallest, infinite where n is too small for that.
/// Right for any distribution, as long as past and further scores are exchangeable. `scores`: none missing;
/// put into another order. `coverage`: above 0, below 1.
/// Source: Vovk, Gammerman and Shafer (2005), "Algorithmic learning in a random world"; in this form Lei et
/// al. (2018), "Distribution-free predictive inference for regression", algorithm 2.
double conformal_bound(std::span<double> scores, double coverage);

/// Keeps coverage where past and future are not exchangeable: asks for more after too many misses, for less
/// after too few: a(t+1) = a(t) + rate × (target - missed(t)). The mean of what was missed over T steps is
/// then within (max(a(1), 1 - a(1)) + rate) / (rate × T) of the target, whatever happens.
/// Source: Gibbs and Candès (2021), "Adaptive conformal inference under distribution shift", eq. 2,
/// prop. 4.1.
class AdaptiveCoverage {
 public:
  /// `coverage`: that is aimed at, above 0 and below 1. `rate`: 0 keeps it fixed.
  AdaptiveCoverage(double coverage, double rate)
      : target_(1.0 - coverage), rate_(rate), miscoverage_(target_) {}

  /// Takes the share of one step's intervals that missed, 0 to 1.
  void update(double missed) { miscoverage_ += rate_ * (target_ - missed); }
  /// The coverage to ask for now; may be 1 or more (ask for everything), or 0 or less (for nothing).
  double coverage() const { return 1.0 - miscoverage_; }

 private:
  double target_;
  double rate_;
  double miscoverage_;
};

}  // namespace orrery
