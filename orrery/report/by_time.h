#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "orrery/backtest/performance.h"
#include "orrery/base/subset_mean.h"
#include "orrery/factor/evaluation.h"

namespace orrery {

/// Results over some of the sessions. Returns are means of a session × periods_per_year, since the sessions
/// of a regime don't follow each other; NaN: not computable.
struct TimeSlice {
  std::string key;           ///< such as "2017" or "volatility_low"
  std::string name;          ///< such as "Calm: 6.1% to 8.2% a year"
  std::size_t sessions = 0;  ///< of the backtest
  std::size_t days = 0;      ///< with a rank IC
  double ic_mean = kMissing;
  double rank_ic_mean = kMissing;
  double rank_ic_t = kMissing;      ///< see subset_mean
  double net_return = kMissing;     ///< a year, after costs
  double excess_return = kMissing;  ///< a year, less the equal-weight universe
  double excess_t = kMissing;       ///< see subset_mean
  double sharpe = kMissing;         ///< net, over cash

  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
};

/// A way to part the sessions.
struct TimeGroup {
  std::string title;
  std::vector<TimeSlice> slices;
};

/// The mean of the last days, with its uncertainty.
struct RollingCorrelation {
  int window = 0;                      ///< days with a value
  std::vector<Date> dates;             ///< of the days with a value
  std::vector<double> mean;            ///< NaN until `window` days are there
  std::vector<double> standard_error;  ///< Newey-West within the window
  std::size_t windows = 0;             ///< that could be computed
  std::size_t above_zero = 0;          ///< whose whole 95 % band lies above 0
  std::size_t below_zero = 0;          ///< below it
};

/// How a run's results depend on the time.
struct ByTime {
  std::vector<TimeGroup> groups;  ///< calendar years, volatility, direction of the universe
  RollingCorrelation rolling;     ///< of the rank IC
};

/// What results by time are measured from.
struct ByTimeInputs {
  const SignalEvaluation& signal;
  PerformanceInputs series;                  ///< of the backtest; the benchmark may be missing
  std::span<const Date> universe_dates;      ///< all sessions of the market, ascending
  std::span<const double> universe_returns;  ///< of the equal-weight universe on them
};

/// Measures the results by calendar year and by what the universe was like on the evening of the decision:
/// a day's IC belongs to the state of that day, a session's return to the state of the session before it.
/// - Volatility: deviation of the universe's last 21 returns × sqrt(periods_per_year), parted at the terciles
///   of those evenings. The terciles are hindsight: nobody knew them then; they describe and decide nothing.
/// - Direction: whether the universe's last 21 returns, compounded, are above 0 or not.
/// Sessions before 21 returns are there belong to neither. Look-ahead: full, by nature.
ByTime measure_by_time(const ByTimeInputs& inputs);

/// Returns the mean of the last `window` values that are present, with its Newey-West standard error (lag by
/// the rule for `window` values), at each of them.
RollingCorrelation roll_correlation(std::span<const Date> dates, std::span<const double> daily, int window);

}  // namespace orrery
