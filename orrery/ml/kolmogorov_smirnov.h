#pragma once

#include <span>

namespace orrery {

/// Returns the two-sample Kolmogorov–Smirnov statistic: the largest distance between the shares of two
/// samples that are not above a value, 0 to 1. `first`, `second`: ascending, without NaN; NaN where one is
/// empty. The same as scipy.stats.ks_2samp's.
double kolmogorov_smirnov(std::span<const double> first, std::span<const double> second);

/// Returns the probability of a statistic at least as large for samples of one continuous distribution, with
/// so many independent values each: Q((√n + 0.12 + 0.11/√n) × statistic), n = first × second / (first +
/// second), Q Kolmogorov's limiting distribution. Counts may be effective ones. Ties make it too large, never
/// too small. Within 6 % of the exact value for n >= 20 and probabilities from 1e-3. Source: Stephens
/// (1970).
double kolmogorov_smirnov_p_value(double statistic, double first, double second);

/// Returns Q(x) = 2 Σ (-1)^(k-1) exp(-2 k² x²), the upper tail of Kolmogorov's distribution; 1 for x <= 0.
double kolmogorov_upper_tail(double x);

}  // namespace orrery
