#include "orrery/ml/sample_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "orrery/base/error.h"

namespace orrery {
namespace {

/// The sessions of a label's life, at least one.
RowRange life_of(const Sample& sample, const LabelLives& lives, std::size_t row_count) {
  const std::size_t row = sample.row;
  const std::size_t known = lives.last_rows != nullptr
                                ? std::size_t{(*lives.last_rows)(row, sample.instrument)}
                                : row + static_cast<std::size_t>(lives.span_rows);
  const std::size_t last = std::min(known, row_count - 1);
  return {std::min(row + static_cast<std::size_t>(lives.entry_rows) + 1, last), last + 1};
}

/// By session and instrument how many labels hold the session's return.
RowPanel count_concurrent(const Dataset& data, const LabelLives& lives) {
  RowPanel counts(data.row_count(), data.instrument_count());
  for (const Sample& sample : data.samples()) {
    const RowRange life = life_of(sample, lives, data.row_count());
    for (std::size_t row = life.begin; row < life.end; ++row) ++counts(row, sample.instrument);
  }
  return counts;
}

std::vector<double> decay(const Dataset& data, double half_life) {
  if (!(std::isfinite(half_life) && half_life > 0.0)) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("the half-life of weights must be above 0 sessions, found {}", half_life));
  }
  std::vector<double> weights;
  weights.reserve(data.size());
  for (const Sample& sample : data.samples()) {
    const auto age = static_cast<double>(data.samples().back().row - sample.row);
    weights.push_back(std::exp2(-age / half_life));
  }
  return weights;
}

}  // namespace

std::vector<double> average_uniqueness(const Dataset& data, const LabelLives& lives) {
  const RowPanel counts = count_concurrent(data, lives);
  std::vector<double> uniqueness;
  uniqueness.reserve(data.size());
  for (const Sample& sample : data.samples()) {
    const RowRange life = life_of(sample, lives, data.row_count());
    double sum = 0.0;
    for (std::size_t row = life.begin; row < life.end; ++row)
      sum += 1.0 / static_cast<double>(counts(row, sample.instrument));
    uniqueness.push_back(sum / static_cast<double>(life.size()));
  }
  return uniqueness;
}

std::vector<double> linear_decay(const Dataset& data, const std::vector<double>& uniqueness, double oldest) {
  if (!(oldest > -1.0 && oldest <= 1.0)) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("linear_decay must be above -1 and at most 1, found {}", oldest));
  }
  double total = 0.0;
  for (const double unique : uniqueness) total += unique;
  const double slope = oldest >= 0.0 ? (1.0 - oldest) / total : 1.0 / ((oldest + 1.0) * total);
  std::vector<double> factors(data.size());
  double passed = 0.0;
  for (std::size_t g = 0; g + 1 < data.groups().size(); ++g) {
    for (std::size_t i = data.groups()[g]; i < data.groups()[g + 1]; ++i) passed += uniqueness[i];
    const double factor = std::max(0.0, 1.0 - slope * (total - passed));
    for (std::size_t i = data.groups()[g]; i < data.groups()[g + 1]; ++i) factors[i] = factor;
  }
  return factors;
}

std::vector<float> sample_weights(const Dataset& data, const WeightSpec& spec, const LabelLives& lives) {
  const std::vector<double> alike(data.size(), 1.0);
  const bool measures = spec.uniqueness || spec.linear_decay.has_value();
  const std::vector<double> uniqueness = measures ? average_uniqueness(data, lives) : alike;
  std::vector<double> weights = spec.uniqueness ? uniqueness : alike;
  if (spec.linear_decay) {
    const auto factors = linear_decay(data, uniqueness, *spec.linear_decay);
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] *= factors[i];
  }
  if (spec.half_life) {
    const auto factors = decay(data, *spec.half_life);
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] *= factors[i];
  }
  double sum = 0.0;
  for (const double weight : weights) sum += weight;
  const double scale = static_cast<double>(weights.size()) / sum;
  std::vector<float> scaled;
  scaled.reserve(weights.size());
  for (const double weight : weights) scaled.push_back(static_cast<float>(weight * scale));
  return scaled;
}

}  // namespace orrery
