#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include "orrery/factor/cross_section.h"

namespace orrery::plugins::operators {

/// Mean of input 0 over some instruments of a row; NaN of none. It is taken from the first value on, so that
/// equal values have exactly that mean: no rounding is left to pass for a deviation.
inline double mean_of(const CrossRow& row, std::span<const std::uint32_t> members) {
  if (members.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double* input = row.inputs[0];
  const double first = input[members[0]];
  auto& values = row.scratch->values;
  values.clear();
  for (const std::uint32_t i : members) values.push_back(input[i] - first);
  return first + lane_sum(values) / static_cast<double>(values.size());
}

/// Standard deviation (n - 1) around their mean; NaN of fewer than two.
inline double deviation_around(double mean, const CrossRow& row, std::span<const std::uint32_t> members) {
  if (members.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  auto& values = row.scratch->values;
  values.clear();
  for (const std::uint32_t i : members)
    values.push_back((row.inputs[0][i] - mean) * (row.inputs[0][i] - mean));
  return std::sqrt(lane_sum(values) / static_cast<double>(values.size() - 1));
}

/// Writes how many standard deviations each member lies above their mean; NaN where all are the same.
inline void write_scores(const CrossRow& row, std::span<const std::uint32_t> members) {
  const double mean = mean_of(row, members);
  const double deviation = deviation_around(mean, row, members);
  for (const std::uint32_t i : members) row.output[i] = (row.inputs[0][i] - mean) / deviation;
}

}  // namespace orrery::plugins::operators
