#include "orrery/ml/rank_ic.h"

#include <cmath>
#include <limits>
#include <numeric>

#include "orrery/ml/cross_section.h"

namespace orrery {
namespace {

/// Centres the values and scales them to length one; zeros where all are equal.
void normalise(std::span<double> values) {
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
  double squares = 0.0;
  for (double& value : values) {
    value -= mean;
    squares += value * value;
  }
  const double scale = squares > 0.0 ? 1.0 / std::sqrt(squares) : 0.0;
  for (double& value : values) value *= scale;
}

std::vector<double> unit_ranks(std::span<const double> values) {
  auto ranks = average_ranks(values);
  normalise(ranks);
  return ranks;
}

bool is_flat(std::span<const double> unit) {
  for (const double value : unit) {
    if (value != 0.0) return false;
  }
  return true;
}

}  // namespace

RankIc::RankIc(const Dataset& data) : groups_(data.groups()) {
  ranks_.reserve(data.size());
  for (std::size_t group = 0; group + 1 < groups_.size(); ++group) {
    const auto unit = unit_ranks(data.labels().subspan(groups_[group], groups_[group + 1] - groups_[group]));
    ranks_.insert(ranks_.end(), unit.begin(), unit.end());
  }
}

double RankIc::operator()(std::span<const double> scores) const {
  double sum = 0.0;
  std::size_t sessions = 0;
  for (std::size_t group = 0; group + 1 < groups_.size(); ++group) {
    const std::size_t begin = groups_[group];
    const std::size_t count = groups_[group + 1] - begin;
    const std::span<const double> labels(ranks_.data() + begin, count);
    const auto unit = unit_ranks(scores.subspan(begin, count));
    if (is_flat(unit) || is_flat(labels)) continue;
    sum += std::inner_product(unit.begin(), unit.end(), labels.begin(), 0.0);
    ++sessions;
  }
  return sessions == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(sessions);
}

}  // namespace orrery
