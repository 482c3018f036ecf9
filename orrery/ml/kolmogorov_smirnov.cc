#include "orrery/ml/kolmogorov_smirnov.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

namespace orrery {
namespace {

/// Below, the series of the tail converges slowly, and that of the distribution itself quickly.
constexpr double kSeriesMeet = 1.1;
constexpr int kTerms = 8;  ///< the ninth is below 1e-60 on either side

double tail_of_large(double x) {
  double sum = 0.0;
  for (int k = kTerms; k >= 1; --k) sum += (k % 2 == 1 ? 1.0 : -1.0) * std::exp(-2.0 * k * k * x * x);
  return 2.0 * sum;
}

double tail_of_small(double x) {
  double sum = 0.0;
  for (int k = kTerms; k >= 1; --k) {
    const double odd = 2.0 * k - 1.0;
    sum += std::exp(-odd * odd * std::numbers::pi * std::numbers::pi / (8.0 * x * x));
  }
  return 1.0 - std::sqrt(2.0 * std::numbers::pi) / x * sum;
}

}  // namespace

double kolmogorov_smirnov(std::span<const double> first, std::span<const double> second) {
  if (first.empty() || second.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto first_size = static_cast<double>(first.size());
  const auto second_size = static_cast<double>(second.size());
  double largest = 0.0;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < first.size() && j < second.size()) {
    const double value = std::min(first[i], second[j]);
    while (i < first.size() && first[i] == value) ++i;
    while (j < second.size() && second[j] == value) ++j;
    largest = std::max(largest,
                       std::fabs(static_cast<double>(i) / first_size - static_cast<double>(j) / second_size));
  }
  return largest;
}

double kolmogorov_upper_tail(double x) {
  if (std::isnan(x)) return x;
  if (x <= 0.0) return 1.0;
  return x < kSeriesMeet ? tail_of_small(x) : tail_of_large(x);
}

double kolmogorov_smirnov_p_value(double statistic, double first, double second) {
  const double root = std::sqrt(first * second / (first + second));
  return kolmogorov_upper_tail((root + 0.12 + 0.11 / root) * statistic);
}

}  // namespace orrery
