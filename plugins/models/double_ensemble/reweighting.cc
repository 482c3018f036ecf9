#include "plugins/models/double_ensemble/reweighting.h"

#include <algorithm>
#include <cmath>

#include "orrery/ml/cross_section.h"

namespace orrery::plugins::models::double_ensemble {

std::vector<std::size_t> equal_width_bins(std::span<const double> values, std::size_t bins) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  double low = *least;
  double high = *most;
  const bool constant = low == high;
  if (constant) {
    const double apart = low == 0.0 ? 0.001 : 0.001 * std::fabs(low);
    low -= apart;
    high += apart;
  }
  const double width = (high - low) / static_cast<double>(bins);
  std::vector<double> edges;
  for (std::size_t i = 0; i < bins; ++i) edges.push_back(static_cast<double>(i) * width + low);
  edges.push_back(high);
  if (!constant) edges.front() -= 0.001 * (high - low);
  std::vector<std::size_t> found;
  found.reserve(values.size());
  for (const double value : values) {
    const auto edge = std::lower_bound(edges.begin() + 1, edges.end() - 1, value);
    found.push_back(static_cast<std::size_t>(edge - edges.begin()) - 1);
  }
  return found;
}

namespace {

/// Average ranks, divided by the number of values.
std::vector<double> rank_shares(std::span<const double> values) {
  auto ranks = average_ranks(values);
  for (double& rank : ranks) rank /= static_cast<double>(values.size());
  return ranks;
}

}  // namespace

std::vector<double> weigh_samples(const LearningCurves& curves, std::span<const double> losses, int fitted,
                                  const Settings& settings) {
  const std::size_t count = losses.size();
  std::vector<double> ease(count), course(count);
  for (std::size_t i = 0; i < count; ++i) {
    ease[i] = -losses[i];
    course[i] = curves.last[i] / curves.first[i];
  }
  const auto ease_ranks = rank_shares(ease);
  const auto course_ranks = rank_shares(course);
  std::vector<double> h(count);
  for (std::size_t i = 0; i < count; ++i)
    h[i] = settings.alpha1 * ease_ranks[i] + settings.alpha2 * course_ranks[i];

  const auto bins = static_cast<std::size_t>(settings.bins_of_samples);
  const auto bin_of = equal_width_bins(h, bins);
  std::vector<double> sums(bins), members(bins);
  for (std::size_t i = 0; i < count; ++i) {
    sums[bin_of[i]] += h[i];
    members[bin_of[i]] += 1.0;
  }
  const double decayed = std::pow(settings.decay, fitted);
  std::vector<double> weights(count);
  for (std::size_t i = 0; i < count; ++i)
    weights[i] = 1.0 / (decayed * sums[bin_of[i]] / members[bin_of[i]] + 0.1);
  return weights;
}

}  // namespace orrery::plugins::models::double_ensemble
