#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/market/panel.h"

namespace orrery {

/// How a signal is judged. The defaults are those of a study.
struct SignalEvaluationOptions {
  int quantiles = 5;      ///< groups a day, lowest scores first; at least 2
  int minimum_pairs = 5;  ///< days with fewer pairs of score and return are left out; at least 3
  /// Sessions that one forward return spans (1 for the default label). Overlapping returns raise the
  /// Newey-West lag to at least `return_sessions - 1` and are cumulated at 1/return_sessions of their size.
  int return_sessions = 1;
  /// Newey-West lag; negative: floor(4 (n/100)^(2/9)), the rule of Newey and West (1994), n = days.
  int newey_west_lag = -1;
  int threads = 0;  ///< 0: the machine's cores; the result does not depend on it
};

/// A daily correlation and what its days say together. Days that could not be computed are NaN in `daily`
/// and left out of everything else. Each number is NaN when its days are too few (1 for the mean, 2 for the
/// others).
struct CorrelationSummary {
  std::vector<double> daily;  ///< by evaluated day; NaN: left out
  std::size_t days = 0;       ///< days that count
  double mean = kMissing;
  double standard_deviation = kMissing;         ///< of the daily values, divisor n - 1
  double icir = kMissing;                       ///< mean / standard_deviation, daily, not annualised
  double newey_west_standard_error = kMissing;  ///< of the mean
  double newey_west_t = kMissing;               ///< mean / newey_west_standard_error
  int newey_west_lag = 0;                       ///< the lag that was used
  double positive_share = kMissing;             ///< share of the days with a value above 0

  static constexpr double kMissing = Panel::missing();
};

/// How well the signal of day t ranks the returns over h sessions from its entry.
struct HorizonCorrelation {
  int sessions = 0;
  CorrelationSummary ic;
  CorrelationSummary rank_ic;
};

/// The mean of the daily values that fall in one calendar month. NaN when none does.
struct MonthlyCorrelation {
  int year = 0;
  int month = 0;
  std::size_t days = 0;
  double ic = CorrelationSummary::kMissing;
  double rank_ic = CorrelationSummary::kMissing;
};

/// Returns of the groups that the score makes every day, equally weighted within a group.
struct QuantileReturns {
  int quantiles = 0;
  Panel daily;                     ///< [evaluated day × quantile], lowest scores first; NaN: day left out
  std::vector<double> mean;        ///< by quantile: mean over the days, per forward return
  std::vector<double> mean_count;  ///< by quantile: mean number of names
  std::vector<double> long_short;  ///< by day: highest minus lowest quantile; NaN: day left out
  std::vector<double> long_short_cumulated;  ///< by day: product of (1 + long_short / return_sessions) - 1
  Panel cumulated;                           ///< [evaluated day × quantile]: the same for each quantile
  double long_short_mean = CorrelationSummary::kMissing;
  double long_short_newey_west_t = CorrelationSummary::kMissing;
};

/// The correlations that are left within sectors; see sector_neutral.h.
struct SectorNeutralCorrelation {
  std::size_t sectors = 0;  ///< known ones
  CorrelationSummary ic;
  CorrelationSummary rank_ic;
};

/// Everything that is said about a signal. All series have one element per evaluated day.
struct SignalEvaluation {
  std::vector<Date> dates;     ///< evaluated days: from the first to the last row with any score
  CorrelationSummary ic;       ///< Pearson correlation of score and raw forward return
  CorrelationSummary rank_ic;  ///< Spearman correlation, ties take their average rank
  std::vector<MonthlyCorrelation> monthly;
  std::vector<HorizonCorrelation> decay;  ///< filled by the caller from evaluate_decay; may be empty
  QuantileReturns quantiles;
  std::optional<SectorNeutralCorrelation> sector_neutral;  ///< filled by the caller where sectors are known

  std::vector<double> autocorrelation;  ///< Spearman of today's and the day before's scores, common names
  double mean_autocorrelation = CorrelationSummary::kMissing;
  /// Share of the highest quantile's names that were not in it the day before.
  std::vector<double> top_quantile_turnover;
  double mean_top_quantile_turnover = CorrelationSummary::kMissing;

  std::vector<int> scored;  ///< names with a score
  std::vector<int> pairs;   ///< names with a score and a return
  double mean_scored = 0.0;
  double coverage = CorrelationSummary::kMissing;  ///< pairs / cells with a return, over the evaluated days
};

/// Judges a signal against what followed it.
/// `scores` and `forward_returns` are [session × instrument] with the same shape, `dates` one a row; row t of
/// `forward_returns` is what a decision made at the close of t would have earned (the raw label, not its
/// rank). Missing: NaN in either; such a pair is left out. Infinite values count as missing.
/// Days with fewer than `minimum_pairs` pairs, or without variance in score or return, are NaN and left out.
/// Look-ahead: full, by nature; nothing here may feed a model or a portfolio.
/// Errors: kInvalidArgument for shapes that differ or options outside their range.
/// Sources: Grinold and Kahn (2000), ch. 6 (IC); Newey and West (1987, 1994); quantiles as pandas.qcut
/// (edges by linear interpolation, right-inclusive, so that equal scores share a group).
SignalEvaluation evaluate_signal(const Panel& scores, const Panel& forward_returns,
                                 std::span<const Date> dates, const SignalEvaluationOptions& options = {});

/// The horizons that a report shows, in sessions.
std::vector<int> default_horizons();

/// Returns the correlations of the scores with the returns over each horizon h:
/// close[t + delay + h] / close[t + delay] - 1, where `delay` is the fill's (1: entry at the next close).
/// `closes` are adjusted closes, [session × instrument], the same shape as `scores`. A return over the end of
/// the data, or with a missing close at either end, is missing. Options as in evaluate_signal;
/// `return_sessions` is each horizon's own.
std::vector<HorizonCorrelation> evaluate_decay(const Panel& scores, const Panel& closes, int delay,
                                               std::span<const int> horizons,
                                               const SignalEvaluationOptions& options = {});

/// Writes the ranks of `values` into `ranks` (1 for the lowest), equal values share their average rank.
/// Missing (NaN) values get NaN. Same as pandas' rank().
void rank_average_ties(std::span<const double> values, std::span<double> ranks);

/// Returns the Pearson correlation of two equally long spans without missing values; NaN without variance.
double pearson_correlation(std::span<const double> x, std::span<const double> y);

/// Returns the summary of a daily series; NaN days are left out and the rest is taken as consecutive.
/// The Newey-West variance uses Bartlett weights and no small-sample correction, as statsmodels'
/// cov_type="HAC" does on a constant.
CorrelationSummary summarize_correlations(std::vector<double> daily, int return_sessions = 1,
                                          int newey_west_lag = -1);

}  // namespace orrery
