#pragma once

#include <span>
#include <vector>

namespace orrery {

/// Ranks of values, equal ones sharing their average, less the mean rank.
struct CentredRanks {
  std::vector<double> values;
  double squares = 0.0;  ///< their sum; 0 where all values are equal
};

/// `values`: none missing.
CentredRanks centred_ranks(std::span<const double> values);

/// Returns the Spearman correlation of two equally long spans without missing values; equal values share
/// their average rank. NaN for fewer than two values, or where either does not vary.
double rank_correlation(std::span<const double> x, std::span<const double> y);

/// The same of spans whose ranks are known.
double correlation_of(const CentredRanks& x, const CentredRanks& y);

}  // namespace orrery
