#pragma once

#include <span>
#include <vector>

namespace orrery {

/// Statistics of plain series, for evaluation and reports (not for kernels). Unless said otherwise the values
/// hold no missing ones: `drop_missing` takes those out first. Too few values give NaN. Sums run in order, so
/// that a series gives the same bits everywhere.

/// Returns the finite values in order.
std::vector<double> drop_missing(std::span<const double> values);

double mean(std::span<const double> values);

/// Divisor n - 1. Exactly 0 when all values are equal, whatever rounding does to their mean.
double standard_deviation(std::span<const double> values);

/// Third standardised moment, divisor n (scipy.stats.skew). NaN for a constant series.
double skewness(std::span<const double> values);

/// Fourth standardised moment, divisor n; 3 for a normal distribution (scipy.stats.kurtosis, fisher=False).
double kurtosis(std::span<const double> values);

/// Returns the p-quantile, 0 <= p <= 1, by linear interpolation (numpy's default).
double quantile(std::span<const double> values, double p);

/// The same of values that are ascending.
double sorted_quantile(std::span<const double> sorted, double p);

/// Returns floor(4 (count/100)^(2/9)), the rule of Newey and West (1994) for Bartlett weights.
int newey_west_lag(std::size_t count);

/// Returns the standard error of the mean of values that may be correlated up to `lag` apart: Bartlett
/// weights, no small-sample correction. The same as statsmodels' OLS on a constant with cov_type="HAC".
/// Source: Newey and West (1987).
double newey_west_standard_error(std::span<const double> values, int lag);

/// Returns the standard normal distribution function.
double normal_distribution(double x);

/// Returns the inverse of `normal_distribution`; ±infinity at 1 and 0, NaN outside [0, 1].
/// Source: Wichura (1988), algorithm AS 241, relative error about 1e-16.
double normal_quantile(double p);

}  // namespace orrery
