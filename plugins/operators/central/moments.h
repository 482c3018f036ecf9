#pragma once

#include <limits>

#include "orrery/factor/kernels/lanes.h"

namespace orrery::plugins::operators {

/// Central moments of a window's values by two passes; what is not used is not computed.
struct CentralMoments {
  kernels::DoubleLanes count{};
  kernels::DoubleLanes second{};
  kernels::DoubleLanes third{};
  kernels::DoubleLanes fourth{};
  kernels::DoubleLanes least = kernels::all_lanes(std::numeric_limits<double>::infinity());
  kernels::DoubleLanes greatest = kernels::all_lanes(-std::numeric_limits<double>::infinity());
};

inline CentralMoments central_moments(const kernels::LaneWindow& window) {
  using kernels::DoubleLanes;
  CentralMoments result;
  DoubleLanes sum{};
  for (int ago = window.rows() - 1; ago >= 0; --ago) {
    const DoubleLanes value = window.value(ago);
    const auto valid = kernels::finite_lanes(value);
    result.count = valid ? result.count + 1.0 : result.count;
    sum = valid ? sum + value : sum;
    result.least = (valid & (value < result.least)) ? value : result.least;
    result.greatest = (valid & (value > result.greatest)) ? value : result.greatest;
  }
  const DoubleLanes mean = sum / result.count;
  for (int ago = window.rows() - 1; ago >= 0; --ago) {
    const DoubleLanes value = window.value(ago);
    const DoubleLanes deviation = kernels::finite_lanes(value) ? value - mean : DoubleLanes{};
    const DoubleLanes square = deviation * deviation;
    result.second += square;
    result.third += square * deviation;
    result.fourth += square * square;
  }
  result.second /= result.count;
  result.third /= result.count;
  result.fourth /= result.count;
  return result;
}

/// A shape's statistic as pandas has it: `flat` where all values are the same, else missing where the
/// variance is no more than pandas wants or there are fewer values than `least_count`.
inline kernels::DoubleLanes shape_or_missing(const CentralMoments& moments, kernels::DoubleLanes shape,
                                             double flat, double least_count) {
  constexpr double kLeastVariance = 1e-14;
  const kernels::DoubleLanes missing = kernels::all_lanes(std::numeric_limits<double>::quiet_NaN());
  kernels::DoubleLanes result = moments.second <= kLeastVariance ? missing : shape;
  result = moments.least == moments.greatest ? kernels::all_lanes(flat) : result;
  return moments.count < least_count ? missing : result;
}

}  // namespace orrery::plugins::operators
