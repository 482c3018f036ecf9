#include "orrery/ml/cross_section.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>

namespace orrery {
namespace {

/// The positions and values of a cross-section that are not missing.
struct Present {
  std::vector<std::size_t> positions;
  std::vector<double> values;
};

Present present_values(std::span<const double> values) {
  Present present;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    present.positions.push_back(i);
    present.values.push_back(values[i]);
  }
  return present;
}

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double sample_deviation(std::span<const double> values, double mean) {
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

}  // namespace

std::vector<double> average_ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double rank = static_cast<double>(begin + end + 1) / 2.0;
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = rank;
  }
  return ranks;
}

void cross_rank_norm(std::span<double> values) {
  const auto [positions, present] = present_values(values);
  const auto ranks = average_ranks(present);
  const auto count = static_cast<double>(present.size());
  for (std::size_t i = 0; i < positions.size(); ++i) {
    values[positions[i]] = (ranks[i] / count - 0.5) * 3.46;
  }
}

void cross_z_score(std::span<double> values) {
  const auto present = present_values(values).values;
  double mean = 0.0;
  double deviation = 0.0;
  if (present.size() > 1) {
    mean = mean_of(present);
    deviation = sample_deviation(present, mean);
  }
  const double scale = deviation > 0.0 ? deviation : std::numeric_limits<double>::quiet_NaN();
  for (double& value : values) value = (value - mean) / scale;
}

}  // namespace orrery
