#pragma once

#include <cstddef>
#include <limits>

#include "orrery/market/panel.h"
#include "orrery/ml/block_bootstrap.h"

namespace orrery {

/// Whether the best of several trials is better than the benchmark, or the luckiest of many. All p-values are
/// of "no trial is better than the benchmark"; NaN without trials or with fewer than three periods.
struct SuperiorAbility {
  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

  std::size_t best = 0;             ///< trial with the highest mean
  double best_mean = kMissing;      ///< its mean excess a period
  double block_length = kMissing;   ///< mean length of the resampled blocks
  double reality_check = kMissing;  ///< White (2000): the largest mean, every trial recentred
  double spa = kMissing;            ///< Hansen (2005), consistent: studentised, hopeless trials set aside
  double spa_lower = kMissing;      ///< the same with all trials worse than the benchmark set aside
  double spa_upper = kMissing;      ///< the same with every trial recentred
};

/// Tests the trials' excess returns over the benchmark, [period × trial], without missing values, by the
/// stationary bootstrap: all trials are resampled together. p is the share of the draws whose statistic is
/// not below that of the sample; the statistic is at least 0, so p is 1 where no trial beats the benchmark.
/// The variance of a mean is that of the stationary bootstrap (Politis and Romano, 1994), by which trials
/// below -sqrt(2 ln ln n) standard errors are set aside. `options.block_length` 0: stationary_block_length of
/// the best trial. Trials that never differ from the benchmark are left out. Deterministic for a seed.
/// Errors: kInvalidArgument for a missing value, or options that bootstrap_mean refuses.
SuperiorAbility test_superior_ability(const Panel& excess, const BlockBootstrapOptions& options);

/// The same p-values as Hansen's of the largest mean as it is, not studentised: those of arch's SPA.
SuperiorAbility test_superior_means(const Panel& excess, const BlockBootstrapOptions& options);

}  // namespace orrery
