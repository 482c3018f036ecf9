#include "plugins/providers/simulated/planted_signal.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace orrery::plugins::providers::simulated {
namespace {

constexpr int kLargestSteps = 40;
constexpr double kTolerance = 2e-5;  // of a correlation; far below a day's sampling error

double normal_distribution(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

double normal_density(double x) { return std::exp(-0.5 * x * x) / std::sqrt(2.0 * std::numbers::pi); }

void order_by(std::span<const double> values, std::vector<std::uint32_t>& order) {
  order.resize(values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return values[a] < values[b] || (values[a] == values[b] && a < b);
  });
}

// Insertion sort: linear when the order is almost right, as it is after a small change of scale.
void reorder_by(std::span<const double> values, std::vector<std::uint32_t>& order) {
  for (std::size_t k = 1; k < order.size(); ++k) {
    const std::uint32_t moving = order[k];
    std::size_t place = k;
    while (place > 0 && values[order[place - 1]] > values[moving]) {
      order[place] = order[place - 1];
      --place;
    }
    order[place] = moving;
  }
}

}  // namespace

double normal_quantile(double p) {
  // Abramowitz and Stegun 26.2.23 (error below 4.5e-4), then Newton's method on the distribution.
  const double tail = std::min(p, 1.0 - p);
  const double t = std::sqrt(-2.0 * std::log(tail));
  double x =
      t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (int step = 0; step < 3; ++step) x -= (tail - normal_distribution(-x)) / normal_density(x);
  return p < 0.5 ? -x : x;
}

void NormalScorer::score(std::span<double> values) {
  const std::size_t count = values.size();
  if (quantiles_.size() != count) {
    quantiles_.resize(count);
    for (std::size_t k = 0; k < count; ++k) {
      quantiles_[k] = normal_quantile((static_cast<double>(k) + 0.5) / static_cast<double>(count));
    }
  }
  order_by(values, order_);
  for (std::size_t k = 0; k < count; ++k) values[order_[k]] = quantiles_[k];
}

void SignalScale::load(std::span<const double> signal, std::span<const double> surprise) {
  const std::size_t count = signal.size();
  signal_.assign(signal.begin(), signal.end());
  surprise_.assign(surprise.begin(), surprise.end());
  mirrored_.resize(count);
  std::transform(surprise.begin(), surprise.end(), mirrored_.begin(), std::negate<>());
  sum_.resize(count);
  centred_rank_.resize(count);
  order_by(signal, order_);
  const double middle = 0.5 * static_cast<double>(count - 1);
  for (std::size_t k = 0; k < count; ++k) centred_rank_[order_[k]] = static_cast<double>(k) - middle;
  order_by(surprise_, order_);
  order_by(mirrored_, mirrored_order_);
}

double SignalScale::correlation(std::span<const double> surprise, double scale,
                                std::vector<std::uint32_t>& order) {
  const std::size_t count = surprise.size();
  for (std::size_t i = 0; i < count; ++i) sum_[i] = surprise[i] + scale * signal_[i];
  reorder_by(sum_, order);
  double products = 0.0;
  for (std::size_t k = 0; k < count; ++k) products += static_cast<double>(k) * centred_rank_[order[k]];
  const double n = static_cast<double>(count);
  return 12.0 * products / (n * n * n - n);
}

double SignalScale::expected_correlation(double scale) {
  return 0.5 * (correlation(surprise_, scale, order_) + correlation(mirrored_, scale, mirrored_order_));
}

double SignalScale::solve(std::span<const double> signal, std::span<const double> surprise, double ic) {
  if (signal.size() < 2 || ic == 0.0) return 0.0;
  load(signal, surprise);
  // The first guess: a signal's correlation is about its share of the dispersion.
  const std::size_t count = signal.size();
  const double spread = surprise_[order_[count * 3 / 4]] - surprise_[order_[count / 4]];
  double low = 0.0;
  double low_error = -ic;
  double high = std::max(ic * spread, 1e-12);
  double high_error = expected_correlation(high) - ic;
  for (int step = 0; step < kLargestSteps && high_error < 0.0; ++step) {
    low = high;
    low_error = high_error;
    high *= 2.0;
    high_error = expected_correlation(high) - ic;
  }
  for (int step = 0; step < kLargestSteps && high_error > kTolerance && -low_error > kTolerance; ++step) {
    // The secant, kept away from the ends so that the bracket shrinks on both sides.
    const double share = std::clamp(-low_error / (high_error - low_error), 0.05, 0.95);
    const double middle = low + share * (high - low);
    const double error = expected_correlation(middle) - ic;
    (error < 0.0 ? low : high) = middle;
    (error < 0.0 ? low_error : high_error) = error;
  }
  return high_error < -low_error ? high : low;
}

}  // namespace orrery::plugins::providers::simulated
