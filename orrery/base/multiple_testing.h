#pragma once

#include <span>
#include <vector>

namespace orrery {

/// Returns the probability that a standard normal value is as far from 0 as `t`, on either side. NaN for NaN.
double two_sided_p_value(double t);

/// Returns the q-value of each test: the smallest false discovery rate at which it counts as a discovery.
/// q of the k-th smallest of m p-values is the least p_(j) m/j over j >= k, at most 1. Missing: a NaN is no
/// test, stays NaN and does not count in m. Holds for independent tests and for those that depend positively
/// on each other. Source: Benjamini and Hochberg (1995); Benjamini and Yekutieli (2001) for the dependence;
/// the same as statsmodels' multipletests(method="fdr_bh").
std::vector<double> benjamini_hochberg(std::span<const double> p_values);

}  // namespace orrery
