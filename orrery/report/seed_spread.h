#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace orrery {

/// What the study gives when its model is fitted with one seed.
struct SeedResult {
  std::uint64_t seed = 0;
  double ic_mean = std::numeric_limits<double>::quiet_NaN();
  double rank_ic_mean = std::numeric_limits<double>::quiet_NaN();
  double annual_return = std::numeric_limits<double>::quiet_NaN();  ///< net, geometric
  double sharpe = std::numeric_limits<double>::quiet_NaN();         ///< net, annualised
};

/// The same study with its model fitted anew from other seeds: what of the result is the dice of the fit.
/// Seeds are no trials: nothing is chosen among them.
struct SeedSpread {
  /// False: another seed gave the same scores to the bit, and no more were tried.
  bool model_depends_on_seed = true;
  std::vector<SeedResult> results;  ///< the run's own first
};

/// Lowest, median, highest and standard deviation (n - 1) of one number over the seeds.
struct SeedRange {
  double lowest = std::numeric_limits<double>::quiet_NaN();
  double median = std::numeric_limits<double>::quiet_NaN();
  double highest = std::numeric_limits<double>::quiet_NaN();
  double deviation = std::numeric_limits<double>::quiet_NaN();
};

/// Missing values are left out.
SeedRange seed_range(const SeedSpread& spread, double SeedResult::*number);

}  // namespace orrery
