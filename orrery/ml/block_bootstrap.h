#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "orrery/base/random.h"

namespace orrery {

/// The places of a stationary bootstrap in a series, one after the other: blocks begin anywhere, have lengths
/// that vary geometrically around `block_length`, and wrap around the end.
class BlockPlaces {
 public:
  /// `random` must outlive it.
  BlockPlaces(std::size_t count, double block_length, Random& random)
      : count_(count), restart_(1.0 / block_length), random_(random) {}
  std::size_t next();

 private:
  std::size_t count_;
  double restart_;
  Random& random_;
  std::size_t place_ = 0;
  bool begun_ = false;
};

/// How a series is resampled.
struct BlockBootstrapOptions {
  double block_length = 0.0;  ///< mean length of a block; 0: `stationary_block_length` of the series
  int draws = 10000;
  std::uint64_t seed = 7;
};

/// Errors: kInvalidArgument for fewer than 1 draw or a block length between 0 and 1.
void check_bootstrap(const BlockBootstrapOptions& options);

/// What resampling says about a mean. NaN for fewer than two values.
struct BootstrapMean {
  std::size_t count = 0;
  double mean = std::numeric_limits<double>::quiet_NaN();
  double low = std::numeric_limits<double>::quiet_NaN();      ///< 2.5 % quantile of the resampled means
  double high = std::numeric_limits<double>::quiet_NaN();     ///< 97.5 %
  double p_value = std::numeric_limits<double>::quiet_NaN();  ///< two-sided, of the true mean being 0
  double block_length = std::numeric_limits<double>::quiet_NaN();
};

/// Tests whether the mean of a series that may be correlated over time is 0, by the stationary bootstrap.
/// p = (1 + #{|m* - m| >= |m|}) / (1 + draws), m* a resampled mean. Without missing values.
/// Deterministic for a seed. Errors: kInvalidArgument for fewer than 1 draw or a block length between 0
/// and 1. Source: Politis and Romano (1994), "The stationary bootstrap"; the same as arch's
/// StationaryBootstrap.
BootstrapMean bootstrap_mean(std::span<const double> values, const BlockBootstrapOptions& options);

/// Returns the block length with the least mean squared error of the stationary bootstrap's variance, at
/// least 1 and at most min(3 √n, n/3). 1 for fewer than 20 values or a constant series. Source: Politis and
/// White (2004) with the correction of Patton, Politis and White (2009), the significance of lags judged as
/// arch's optimal_block_length does.
double stationary_block_length(std::span<const double> values);

}  // namespace orrery
