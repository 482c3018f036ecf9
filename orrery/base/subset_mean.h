#pragma once

#include <cstddef>
#include <limits>
#include <span>

namespace orrery {

/// The mean of the values of a subset of a series, with its standard error.
struct SubsetMean {
  std::size_t count = 0;
  double mean = std::numeric_limits<double>::quiet_NaN();
  double standard_error = std::numeric_limits<double>::quiet_NaN();

  double t() const { return mean / standard_error; }
};

/// Returns the mean of the values whose `member` is 1, and its Newey-West standard error: that of the dummy's
/// coefficient when the whole series is regressed on dummies of a partition, so that neighbours in the series
/// count as neighbours and members with a gap between them don't. Missing values are left out first. NaN with
/// fewer than two members. Source: Newey and West (1987); statsmodels OLS, cov_type="HAC".
SubsetMean subset_mean(std::span<const double> values, std::span<const char> member, int lag);

}  // namespace orrery
