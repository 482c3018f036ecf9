#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "orrery/market/panel.h"

namespace orrery {

/// What is known about a Sharpe ratio: per period (not annualised), with the moments of its returns.
struct SharpeEstimate {
  double sharpe = 0.0;    ///< mean over standard deviation, per period
  double periods = 0.0;   ///< returns it was measured on
  double skewness = 0.0;  ///< 0 for a normal distribution
  double kurtosis = 3.0;  ///< raw; 3 for a normal distribution
};

/// Returns the probability that the true Sharpe ratio exceeds `benchmark` (per period).
/// NaN for fewer than two periods or moments that no distribution has.
/// Source: Bailey and López de Prado (2012), "The Sharpe ratio efficient frontier", eq. 8.
double probabilistic_sharpe(const SharpeEstimate& estimate, double benchmark);

/// Returns the Sharpe ratio that the best of `trials` independent ones without any skill is expected to show,
/// when their Sharpe ratios vary with `variance` (per period). 0 for one trial: nothing was selected. The
/// number need not be whole; between 1 and about 1.4, where the formula's approximation falls below 0, it is
/// 0. Errors: kInvalidArgument for fewer than one trial or a negative variance. Source: Bailey and López de
/// Prado (2014), "The deflated Sharpe ratio", eq. 1.
double expected_maximum_sharpe(double variance, double trials);

/// Returns the probability that the true Sharpe ratio exceeds what the best of as many trials would show by
/// luck. With one trial it is the probabilistic Sharpe ratio against 0. `variance` is that of the trials'
/// Sharpe ratios, per period; `trials` the number of independent ones.
/// Source: Bailey and López de Prado (2014), eq. 2.
double deflated_sharpe(const SharpeEstimate& estimate, double variance, double trials);

/// Returns how many independent trials `trials` are worth when their returns correlate by
/// `mean_correlation` on average: mean_correlation + (1 - mean_correlation) × trials.
/// Source: Bailey and López de Prado (2014), appendix A.3.
double independent_trials(double trials, double mean_correlation);

/// Returns the number of periods after which the Sharpe ratio would exceed `benchmark` (per period) at the
/// given confidence, if it stayed as it is. Infinite when it does not exceed it.
/// Source: Bailey and López de Prado (2012), eq. 11.
double minimum_track_record(const SharpeEstimate& estimate, double benchmark, double confidence = 0.95);

/// How often the best trial in one half of the time is below the median in the other half.
struct OverfittingProbability {
  double probability = 0.0;        ///< share of the splits with a logit of at most 0
  std::vector<double> logits;      ///< one a split: ln(rank / (1 - rank)) of the chosen trial out of sample
  double performance_slope = 0.0;  ///< regression of out-of-sample on in-sample Sharpe of the chosen trials
  double probability_of_loss =
      0.0;  ///< share of the splits whose chosen trial has a mean below 0 out of sample
};

/// The fewest trials for which a probability of overfitting is computed.
inline constexpr std::size_t kFewestTrialsForOverfitting = 10;

/// Returns the probability of backtest overfitting by combinatorially symmetric cross-validation, or nothing
/// for fewer than ten trials ("not computable").
/// `returns` is [period × trial] without missing values; the periods are cut into `blocks` (even, 2 to 16)
/// runs of equal length, the remainder at the start is left out; every choice of half the blocks is once the
/// sample in which the best Sharpe ratio is chosen, the other half the sample in which it is ranked.
/// Errors: kInvalidArgument for an odd or too large number of blocks, fewer than two periods a block, or a
/// missing value.
/// Source: Bailey, Borwein, López de Prado and Zhu (2017), "The probability of backtest overfitting", sec. 2.
std::optional<OverfittingProbability> overfitting_probability(const Panel& returns, int blocks = 16);

}  // namespace orrery
