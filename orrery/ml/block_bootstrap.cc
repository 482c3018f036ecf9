#include "orrery/ml/block_bootstrap.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/statistics.h"

namespace orrery {
namespace {

constexpr std::size_t kFewestForBlocks = 20;

std::vector<double> deviations_of(std::span<const double> values) {
  const double center = mean(values);
  std::vector<double> deviations;
  for (const double value : values) deviations.push_back(value - center);
  return deviations;
}

/// Sum of products `lag` apart, over values from `first` on.
double product_sum(std::span<const double> values, std::size_t lag) {
  double sum = 0.0;
  for (std::size_t t = lag; t < values.size(); ++t) sum += values[t] * values[t - lag];
  return sum;
}

double square_sum(std::span<const double> values) {
  double sum = 0.0;
  for (const double value : values) sum += value * value;
  return sum;
}

/// Autocorrelation at a lag, scaled by the two ends that overlap at the next lag, as arch does.
double absolute_correlation(std::span<const double> deviations, std::size_t lag) {
  const double late = square_sum(deviations.subspan(lag + 1));
  const double early = square_sum(deviations.first(deviations.size() - lag - 1));
  return std::abs(product_sum(deviations, lag)) / std::sqrt(late * early);
}

/// Twice the first lag after which `run` correlations in a row are insignificant; `most` where there is none.
std::size_t bandwidth(std::span<const double> deviations, std::size_t run, std::size_t most) {
  const auto count = static_cast<double>(deviations.size());
  const double bound = 2.0 * std::sqrt(std::log10(count) / count);
  std::size_t insignificant = 0;
  for (std::size_t lag = 0; lag < most; ++lag) {
    insignificant = absolute_correlation(deviations, lag) < bound ? insignificant + 1 : 0;
    if (insignificant < run) continue;
    const std::size_t last = lag + 1 - run;
    return std::min(2 * std::max<std::size_t>(last, 1), most);
  }
  return most;
}

double resampled_mean(std::span<const double> values, double block_length, Random& random) {
  BlockPlaces places(values.size(), block_length, random);
  double sum = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += values[places.next()];
  return sum / static_cast<double>(values.size());
}

}  // namespace

std::size_t BlockPlaces::next() {
  const bool fresh = !begun_ || random_.uniform() < restart_;
  place_ = fresh ? random_.below(count_) : (place_ + 1 == count_ ? 0 : place_ + 1);
  begun_ = true;
  return place_;
}

void check_bootstrap(const BlockBootstrapOptions& options) {
  const bool length_known = options.block_length == 0.0 || options.block_length >= 1.0;
  if (options.draws >= 1 && length_known) return;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("bootstrap: needs at least 1 draw and a mean block length of at least 1, found "
                  "{} draws and {}",
                  options.draws, options.block_length));
}

double stationary_block_length(std::span<const double> values) {
  const auto deviations = deviations_of(values);
  if (values.size() < kFewestForBlocks || standard_deviation(values) == 0.0) return 1.0;
  const auto count = static_cast<double>(values.size());
  const auto run = static_cast<std::size_t>(std::max(5.0, std::log10(count)));
  const auto most = static_cast<std::size_t>(std::ceil(std::sqrt(count))) + run;
  const std::size_t m = bandwidth(deviations, run, most);
  double slope = 0.0;
  double variance = square_sum(deviations) / count;
  for (std::size_t lag = 1; lag <= m; ++lag) {
    const double share = static_cast<double>(lag) / static_cast<double>(m);
    const double weight = share <= 0.5 ? 1.0 : 2.0 * (1.0 - share);
    const double covariance = product_sum(deviations, lag) / count;
    slope += 2.0 * weight * static_cast<double>(lag) * covariance;
    variance += 2.0 * weight * covariance;
  }
  const double length = std::cbrt(slope * slope / (variance * variance) * count);
  const double longest = std::ceil(std::min(3.0 * std::sqrt(count), count / 3.0));
  return std::clamp(length, 1.0, longest);
}

BootstrapMean bootstrap_mean(std::span<const double> values, const BlockBootstrapOptions& options) {
  check_bootstrap(options);
  BootstrapMean result;
  result.count = values.size();
  result.mean = mean(values);
  if (values.size() < 2) return result;
  result.block_length = options.block_length > 0.0 ? options.block_length : stationary_block_length(values);
  Random random(options.seed);
  std::vector<double> means;
  double beyond = 1.0;
  for (int draw = 0; draw < options.draws; ++draw) {
    means.push_back(resampled_mean(values, result.block_length, random));
    beyond += std::abs(means.back() - result.mean) >= std::abs(result.mean) ? 1.0 : 0.0;
  }
  result.p_value = beyond / (1.0 + options.draws);
  result.low = quantile(means, 0.025);
  result.high = quantile(means, 0.975);
  return result;
}

}  // namespace orrery
