#include "orrery/ml/overfitting.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>

#include "orrery/base/error.h"
#include "orrery/base/not_a_number.h"
#include "orrery/base/statistics.h"

namespace orrery {
namespace {

constexpr int kMostBlocks = 16;

/// Variance of the Sharpe estimate times its periods: 1 for a Sharpe ratio of 0.
double spread(const SharpeEstimate& e) {
  return 1.0 - e.skewness * e.sharpe + 0.25 * (e.kurtosis - 1.0) * e.sharpe * e.sharpe;
}

/// Count, mean and sum of squared deviations, which merge without cancellation (Chan et al., 1979).
struct Moments {
  double count = 0.0;
  double mean = 0.0;
  double squares = 0.0;

  void add(const Moments& other) {
    const double total = count + other.count;
    const double step = other.mean - mean;
    squares += other.squares + step * step * count * other.count / total;
    mean += step * other.count / total;
    count = total;
  }
  double sharpe() const {
    return squares > 0.0 ? mean / std::sqrt(squares / (count - 1.0)) : std::copysign(0.0, mean);
  }
};

Moments measure(const Panel& returns, std::size_t first, std::size_t last, std::size_t trial) {
  Moments moments;
  moments.count = static_cast<double>(last - first);
  for (std::size_t t = first; t < last; ++t) moments.mean += returns(t, trial);
  moments.mean /= moments.count;
  for (std::size_t t = first; t < last; ++t) {
    const double deviation = returns(t, trial) - moments.mean;
    moments.squares += deviation * deviation;
  }
  return moments;
}

/// Moments of every block and trial: [block][trial].
std::vector<std::vector<Moments>> measure_blocks(const Panel& returns, std::size_t blocks) {
  const std::size_t length = returns.rows() / blocks;
  const std::size_t start = returns.rows() - length * blocks;
  std::vector<std::vector<Moments>> table(blocks);
  for (std::size_t b = 0; b < blocks; ++b) {
    for (std::size_t trial = 0; trial < returns.columns(); ++trial) {
      const std::size_t first = start + b * length;
      table[b].push_back(measure(returns, first, first + length, trial));
    }
  }
  return table;
}

/// Merges the blocks whose bit is set, for every trial.
std::vector<Moments> merge_blocks(const std::vector<std::vector<Moments>>& table, std::uint32_t chosen) {
  std::vector<Moments> merged(table.front().size());
  for (std::size_t b = 0; b < table.size(); ++b) {
    if ((chosen >> b & 1U) == 0) continue;
    for (std::size_t trial = 0; trial < merged.size(); ++trial) merged[trial].add(table[b][trial]);
  }
  return merged;
}

std::vector<double> sharpe_of(const std::vector<Moments>& trials) {
  std::vector<double> values;
  values.reserve(trials.size());
  for (const Moments& trial : trials) values.push_back(trial.sharpe());
  return values;
}

/// Relative rank of one value in (0, 1): its rank, ties at their average, over count + 1.
double relative_rank(std::span<const double> values, std::size_t index) {
  double below = 0.0;
  double equal = 0.0;
  for (const double value : values) {
    below += value < values[index] ? 1.0 : 0.0;
    equal += value == values[index] ? 1.0 : 0.0;
  }
  return (below + 0.5 * (equal + 1.0)) / (static_cast<double>(values.size()) + 1.0);
}

double slope_of(std::span<const double> x, std::span<const double> y) {
  const double x_mean = mean(x);
  const double y_mean = mean(y);
  double xx = 0.0;
  double xy = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - x_mean) * (x[i] - x_mean);
    xy += (x[i] - x_mean) * (y[i] - y_mean);
  }
  return xy / xx;
}

void check_returns(const Panel& returns, int blocks) {
  if (blocks < 2 || blocks > kMostBlocks || blocks % 2 != 0) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("overfitting: blocks must be even, from 2 to {}, found {}", kMostBlocks, blocks));
  }
  if (returns.rows() < 2 * static_cast<std::size_t>(blocks)) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("overfitting: {} blocks need at least {} periods, found {}", blocks,
                                 2 * blocks, returns.rows()));
  }
  for (std::size_t t = 0; t < returns.rows(); ++t) {
    for (const double value : returns.row(t)) {
      if (std::isfinite(value)) continue;
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("overfitting: returns must not be missing, but one is in period {}", t));
    }
  }
}

}  // namespace

double probabilistic_sharpe(const SharpeEstimate& estimate, double benchmark) {
  if (!(estimate.periods >= 2.0) || !(spread(estimate) > 0.0)) return kNaN;
  return normal_distribution((estimate.sharpe - benchmark) * std::sqrt(estimate.periods - 1.0) /
                             std::sqrt(spread(estimate)));
}

double expected_maximum_sharpe(double variance, double trials) {
  if (!(trials >= 1.0) || !(variance >= 0.0)) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("expected maximum Sharpe: needs at least one trial and a variance of at least 0, "
                    "found {} trials and {}",
                    trials, variance));
  }
  if (trials == 1.0) return 0.0;
  const double deviations = (1.0 - std::numbers::egamma) * normal_quantile(1.0 - 1.0 / trials) +
                            std::numbers::egamma * normal_quantile(1.0 - 1.0 / (trials * std::numbers::e));
  return std::sqrt(variance) * std::max(0.0, deviations);
}

double deflated_sharpe(const SharpeEstimate& estimate, double variance, double trials) {
  return probabilistic_sharpe(estimate, expected_maximum_sharpe(variance, trials));
}

double independent_trials(double trials, double mean_correlation) {
  return mean_correlation + (1.0 - mean_correlation) * trials;
}

double minimum_track_record(const SharpeEstimate& estimate, double benchmark, double confidence) {
  const double distance = estimate.sharpe - benchmark;
  if (!(distance > 0.0)) return std::numeric_limits<double>::infinity();
  const double z = normal_quantile(confidence);
  return 1.0 + spread(estimate) * (z / distance) * (z / distance);
}

std::optional<OverfittingProbability> overfitting_probability(const Panel& returns, int blocks) {
  if (returns.columns() < kFewestTrialsForOverfitting) return std::nullopt;
  check_returns(returns, blocks);
  const auto table = measure_blocks(returns, static_cast<std::size_t>(blocks));
  const std::uint32_t all = (1U << blocks) - 1U;
  OverfittingProbability result;
  std::vector<double> inside;
  std::vector<double> outside;
  double overfitted = 0.0;
  double lost = 0.0;
  for (std::uint32_t chosen = 0; chosen <= all; ++chosen) {
    if (std::popcount(chosen) != blocks / 2) continue;
    const std::vector<double> in_sample = sharpe_of(merge_blocks(table, chosen));
    const std::vector<double> out_of_sample = sharpe_of(merge_blocks(table, all & ~chosen));
    const auto best =
        static_cast<std::size_t>(std::max_element(in_sample.begin(), in_sample.end()) - in_sample.begin());
    const double rank = relative_rank(out_of_sample, best);
    result.logits.push_back(std::log(rank / (1.0 - rank)));
    overfitted += rank <= 0.5 ? 1.0 : 0.0;
    lost += out_of_sample[best] < 0.0 ? 1.0 : 0.0;
    inside.push_back(in_sample[best]);
    outside.push_back(out_of_sample[best]);
  }
  const auto splits = static_cast<double>(result.logits.size());
  result.probability = overfitted / splits;
  result.probability_of_loss = lost / splits;
  result.performance_slope = slope_of(inside, outside);
  return result;
}

}  // namespace orrery
