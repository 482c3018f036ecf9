#include "orrery/ml/session_correlation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "orrery/base/not_a_number.h"

namespace orrery {
namespace {

/// Told by the values: the mean of equal ones is off by a rounding.
template <class T>
bool varies(std::span<const T> values) {
  return std::any_of(values.begin(), values.end(), [&](T value) { return value != values.front(); });
}

/// NaN where either does not vary.
template <class T>
double correlation(std::span<const T> scores, std::span<const double> labels) {
  if (!varies(scores) || !varies(labels)) return kNaN;
  const auto count = static_cast<double>(scores.size());
  const double score_mean = std::accumulate(scores.begin(), scores.end(), 0.0) / count;
  const double label_mean = std::accumulate(labels.begin(), labels.end(), 0.0) / count;
  double products = 0.0, score_squares = 0.0, label_squares = 0.0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double x = static_cast<double>(scores[i]) - score_mean;
    const double y = labels[i] - label_mean;
    products += x * y;
    score_squares += x * x;
    label_squares += y * y;
  }
  return products / std::sqrt(score_squares * label_squares);
}

template <class T>
double mean_over_sessions(std::span<const T> scores, std::span<const double> labels,
                          std::span<const std::size_t> groups) {
  double sum = 0.0;
  double sessions = 0.0;
  for (std::size_t g = 0; g + 1 < groups.size(); ++g) {
    const std::size_t size = groups[g + 1] - groups[g];
    const double value = correlation(scores.subspan(groups[g], size), labels.subspan(groups[g], size));
    if (!std::isfinite(value)) continue;
    sum += value;
    sessions += 1.0;
  }
  return sessions > 0.0 ? sum / sessions : kNaN;
}

}  // namespace

double mean_correlation(std::span<const double> scores, std::span<const double> labels,
                        std::span<const std::size_t> groups) {
  return mean_over_sessions(scores, labels, groups);
}

double mean_correlation(std::span<const float> scores, std::span<const double> labels,
                        std::span<const std::size_t> groups) {
  return mean_over_sessions(scores, labels, groups);
}

}  // namespace orrery
