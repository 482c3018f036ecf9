#include "orrery/ml/superior_ability.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "orrery/base/statistics.h"

namespace orrery {
namespace {

constexpr std::size_t kFewestPeriods = 3;
/// Weights of lags below this change no variance in its first ten digits.
constexpr double kNegligibleWeight = 1e-12;

/// What is known of one trial.
struct TrialMean {
  std::size_t column = 0;
  std::vector<double> values;
  double mean = 0.0;
  double error = 0.0;  ///< standard error of the mean
};

std::vector<double> column_of(const Panel& panel, std::size_t column) {
  std::vector<double> values;
  for (std::size_t row = 0; row < panel.rows(); ++row) {
    values.push_back(panel(row, column));
    if (std::isfinite(values.back())) continue;
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("superior ability needs every return; trial {} has none in period {}",
                                 column + 1, row + 1));
  }
  return values;
}

/// Politis and Romano (1994), lemma 1: weights of the stationary bootstrap with restart probability p.
double long_run_variance(const std::vector<double>& values, double center, double block_length) {
  const auto count = values.size();
  const double n = static_cast<double>(count);
  const double p = 1.0 / block_length;
  double variance = 0.0;
  for (const double value : values) variance += (value - center) * (value - center) / n;
  for (std::size_t lag = 1; lag < count; ++lag) {
    const double share = static_cast<double>(lag) / n;
    const double weight = (1.0 - share) * std::pow(1.0 - p, static_cast<double>(lag)) +
                          share * std::pow(1.0 - p, n - static_cast<double>(lag));
    if (weight < kNegligibleWeight) continue;
    double product = 0.0;
    for (std::size_t t = lag; t < count; ++t) product += (values[t] - center) * (values[t - lag] - center);
    variance += 2.0 * weight * product / n;
  }
  return variance;
}

std::vector<TrialMean> varying_trials(const Panel& excess) {
  std::vector<TrialMean> trials;
  for (std::size_t column = 0; column < excess.columns(); ++column) {
    TrialMean trial{column, column_of(excess, column)};
    trial.mean = mean(trial.values);
    if (standard_deviation(trial.values) > 0.0) trials.push_back(std::move(trial));
  }
  return trials;
}

/// Means of resampled trials, all of the same blocks. Sums over blocks come from running sums.
class Resampler {
 public:
  Resampler(const std::vector<TrialMean>& trials, double block_length)
      : periods_(trials.front().values.size()), restart_(1.0 / block_length) {
    for (const auto& trial : trials) {
      auto& sums = running_.emplace_back(periods_ + 1, 0.0);
      for (std::size_t t = 0; t < periods_; ++t) sums[t + 1] = sums[t] + trial.values[t];
    }
  }

  void draw(Random& random, std::vector<double>& means) const {
    std::fill(means.begin(), means.end(), 0.0);
    std::size_t left = periods_;
    while (left > 0) {
      const std::size_t begin = random.below(periods_);
      std::size_t length = 1;
      while (length < left && random.uniform() >= restart_) ++length;
      add_block(begin, length, means);
      left -= length;
    }
    for (double& mean : means) mean /= static_cast<double>(periods_);
  }

 private:
  /// A block goes on from the start when it passes the end; none is longer than the series.
  void add_block(std::size_t begin, std::size_t length, std::vector<double>& means) const {
    const std::size_t end = std::min(begin + length, periods_);
    const std::size_t wrapped = begin + length - end;
    for (std::size_t k = 0; k < means.size(); ++k)
      means[k] += running_[k][end] - running_[k][begin] + running_[k][wrapped];
  }

  std::size_t periods_;
  double restart_;
  std::vector<std::vector<double>> running_;
};

/// A largest statistic over the trials, in the sample and how often a draw's is as large. Where no trial
/// beats the benchmark the sample's is 0, as many draws' are: equal ones count, so that p is 1.
struct MaximumTest {
  std::vector<double> center;  ///< by trial: what a draw's mean is taken from
  std::vector<double> scale;   ///< by trial: what the difference is divided by
  double sample = 0.0;
  int as_large = 0;

  void count(const std::vector<double>& means) {
    double largest = 0.0;
    for (std::size_t k = 0; k < means.size(); ++k)
      largest = std::max(largest, (means[k] - center[k]) / scale[k]);
    as_large += largest >= sample ? 1 : 0;
  }
};

enum Recentring { kLower, kConsistent, kUpper };

double center_of(const TrialMean& trial, Recentring recentring) {
  if (recentring == kUpper) return trial.mean;
  if (recentring == kLower) return std::max(trial.mean, 0.0);
  const auto n = static_cast<double>(trial.values.size());
  const bool hopeless = trial.mean < -trial.error * std::sqrt(2.0 * std::log(std::log(n)));
  return hopeless ? 0.0 : trial.mean;
}

MaximumTest make_test(const std::vector<TrialMean>& trials, Recentring recentring, bool studentised) {
  MaximumTest test;
  for (const auto& trial : trials) {
    test.center.push_back(center_of(trial, recentring));
    test.scale.push_back(studentised ? trial.error : 1.0);
    test.sample = std::max(test.sample, trial.mean / test.scale.back());
  }
  return test;
}

SuperiorAbility run_tests(const Panel& excess, const BlockBootstrapOptions& options, bool studentised) {
  SuperiorAbility result;
  auto trials = varying_trials(excess);
  if (trials.empty() || excess.rows() < kFewestPeriods) return result;
  const auto best = std::max_element(trials.begin(), trials.end(),
                                     [](const auto& a, const auto& b) { return a.mean < b.mean; });
  result.best = best->column;
  result.best_mean = best->mean;
  result.block_length =
      options.block_length > 0.0 ? options.block_length : stationary_block_length(best->values);
  for (auto& trial : trials) {
    const double variance = long_run_variance(trial.values, trial.mean, result.block_length);
    trial.error = std::sqrt(variance / static_cast<double>(trial.values.size()));
  }
  std::array<MaximumTest, 4> tests = {
      make_test(trials, kUpper, false), make_test(trials, kLower, studentised),
      make_test(trials, kConsistent, studentised), make_test(trials, kUpper, studentised)};
  const Resampler resampler(trials, result.block_length);
  Random random(options.seed);
  std::vector<double> means(trials.size());
  for (int draw = 0; draw < options.draws; ++draw) {
    resampler.draw(random, means);
    for (auto& test : tests) test.count(means);
  }
  const auto share = [&](const MaximumTest& test) {
    return static_cast<double>(test.as_large) / options.draws;
  };
  result.reality_check = share(tests[0]);
  result.spa_lower = share(tests[1]);
  result.spa = share(tests[2]);
  result.spa_upper = share(tests[3]);
  return result;
}

}  // namespace

SuperiorAbility test_superior_ability(const Panel& excess, const BlockBootstrapOptions& options) {
  check_bootstrap(options);
  return run_tests(excess, options, true);
}

SuperiorAbility test_superior_means(const Panel& excess, const BlockBootstrapOptions& options) {
  check_bootstrap(options);
  return run_tests(excess, options, false);
}

}  // namespace orrery
