#include "orrery/base/statistics.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numeric>

#include "orrery/base/not_a_number.h"

namespace orrery {
namespace {

bool is_constant(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [&](double value) { return value == values.front(); });
}

double central_moment(std::span<const double> values, int power) {
  const double center = mean(values);
  double sum = 0.0;
  for (const double value : values) sum += std::pow(value - center, power);
  return sum / static_cast<double>(values.size());
}

double standardised_moment(std::span<const double> values, int power) {
  if (values.size() < 2 || is_constant(values)) return kNaN;
  return central_moment(values, power) / std::pow(central_moment(values, 2), 0.5 * power);
}

template <std::size_t N>
double evaluate_polynomial(const double (&coefficients)[N], double x) {
  double result = 0.0;
  for (std::size_t i = N; i-- > 0;) result = result * x + coefficients[i];
  return result;
}

double normal_quantile_central(double q) {
  constexpr double kNumerator[] = {3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427,
                                   13731.693765509461125, 45921.953931549871457, 67265.770927008700853,
                                   33430.575583588128105, 2509.0809287301226727};
  constexpr double kDenominator[] = {1.0,
                                     42.313330701600911252,
                                     687.18700749205790830,
                                     5394.1960214247511077,
                                     21213.794301586595867,
                                     39307.895800092710610,
                                     28729.085735721942674,
                                     5226.4952788528545610};
  const double r = 0.180625 - q * q;
  return q * evaluate_polynomial(kNumerator, r) / evaluate_polynomial(kDenominator, r);
}

double normal_quantile_tail(double r) {
  constexpr double kNearNumerator[] = {
      1.42343711074968357734, 4.63033784615654529590,  5.76949722146069140550,   3.64784832476320460504,
      1.27045825245236838258, 0.241780725177450611770, 0.0227238449892691845833, 7.74545014278341407640e-4};
  constexpr double kNearDenominator[] = {1.0,
                                         2.05319162663775882187,
                                         1.67638483018380384940,
                                         0.689767334985100004550,
                                         0.148103976427480074590,
                                         0.0151986665636164571966,
                                         5.47593808499534494600e-4,
                                         1.05075007164441684324e-9};
  constexpr double kFarNumerator[] = {6.65790464350110377720,    5.46378491116411436990,
                                      1.78482653991729133580,    0.296560571828504891230,
                                      0.0265321895265761230930,  0.00124266094738807843860,
                                      2.71155556874348757815e-5, 2.01033439929228813265e-7};
  constexpr double kFarDenominator[] = {1.0,
                                        0.599832206555887937690,
                                        0.136929880922735805310,
                                        0.0148753612908506148525,
                                        7.86869131145613259100e-4,
                                        1.84631831751005468180e-5,
                                        1.42151175831644588870e-7,
                                        2.04426310338993978564e-15};
  if (r <= 5.0) {
    return evaluate_polynomial(kNearNumerator, r - 1.6) / evaluate_polynomial(kNearDenominator, r - 1.6);
  }
  return evaluate_polynomial(kFarNumerator, r - 5.0) / evaluate_polynomial(kFarDenominator, r - 5.0);
}

}  // namespace

std::vector<double> drop_missing(std::span<const double> values) {
  std::vector<double> kept;
  kept.reserve(values.size());
  std::copy_if(values.begin(), values.end(), std::back_inserter(kept),
               [](double value) { return std::isfinite(value); });
  return kept;
}

double mean(std::span<const double> values) {
  if (values.empty()) return kNaN;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double standard_deviation(std::span<const double> values) {
  if (values.size() < 2) return kNaN;
  if (is_constant(values)) return 0.0;
  const auto n = static_cast<double>(values.size());
  return std::sqrt(central_moment(values, 2) * n / (n - 1.0));
}

double skewness(std::span<const double> values) { return standardised_moment(values, 3); }

double kurtosis(std::span<const double> values) { return standardised_moment(values, 4); }

double quantile(std::span<const double> values, double p) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted_quantile(sorted, p);
}

double sorted_quantile(std::span<const double> sorted, double p) {
  if (sorted.empty()) return kNaN;
  const double position = p * static_cast<double>(sorted.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(position), sorted.size() - 1);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - static_cast<double>(below));
}

int newey_west_lag(std::size_t count) {
  return static_cast<int>(std::floor(4.0 * std::pow(static_cast<double>(count) / 100.0, 2.0 / 9.0)));
}

double newey_west_standard_error(std::span<const double> values, int lag) {
  const std::size_t n = values.size();
  if (n < 2) return kNaN;
  const double center = mean(values);
  double variance = 0.0;
  for (std::size_t j = 0; j <= static_cast<std::size_t>(std::max(lag, 0)) && j < n; ++j) {
    double covariance = 0.0;
    for (std::size_t t = j; t < n; ++t) covariance += (values[t] - center) * (values[t - j] - center);
    variance += (j == 0 ? 1.0 : 2.0 * (1.0 - static_cast<double>(j) / (lag + 1.0))) * covariance;
  }
  return std::sqrt(std::max(variance, 0.0)) / static_cast<double>(n);
}

double normal_distribution(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

double normal_quantile(double p) {
  if (!(p >= 0.0 && p <= 1.0)) return kNaN;
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) return normal_quantile_central(q);
  const double tail = std::min(p, 1.0 - p);
  if (tail == 0.0) return std::copysign(std::numeric_limits<double>::infinity(), q);
  return std::copysign(normal_quantile_tail(std::sqrt(-std::log(tail))), q);
}

}  // namespace orrery
