#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/base/progress.h"
#include "orrery/factor/evaluation.h"
#include "orrery/factor/neutral_row.h"
#include "orrery/factor/signal_decay.h"
#include "orrery/market/factor_frame.h"
#include "orrery/market/panel.h"

namespace orrery {

/// |t| that 5 % of statistics without anything behind them exceed (normal, two-sided).
inline constexpr double kSignificant = 1.96;

/// How factors are judged.
struct FactorEvaluationSpec {
  /// Sessions that forward returns span; ascending, distinct, at least 1. A horizon of 1 is always there.
  std::vector<int> horizons = {1, 5, 10, 20};
  int primary = 1;          ///< the horizon by which factors are ranked; one of `horizons`
  int delay = 1;            ///< sessions from the day of the factor to the entry; 0: at the day's own close
  int quantiles = 5;        ///< groups a day, 2 to 100
  int minimum_names = 5;    ///< days with fewer names are left out; at least 3
  int decay_sessions = 20;  ///< sessions behind the entry whose single returns are looked at; 1 to 250
  double cost_bps = 10.0;   ///< of the value traded, a side: commission and slippage
  double max_correlation = 0.7;  ///< in size, of two factors in the list without doubles
  /// A name takes part on a day only where the returns of all horizons are known, as in alphalens. Otherwise
  /// each horizon takes what it has, and groups and turnover all names with the factor.
  bool common_sample = false;
};

/// What factors are held against. Panels are [session × instrument].
struct EvaluationMarket {
  std::span<const Date> dates;  ///< one a row
  const Panel& closes;          ///< adjusted
  const MaskPanel& eligible;    ///< 1: the name may be judged on the day (a rule of that day's evening)
  std::vector<std::string> sectors = {};  ///< by instrument, "": unknown; may be empty
  const Panel& size;                      ///< such as the log of traded value; may be empty
  RowRange rows = {};                     ///< rows whose factors are judged; empty: all
};

/// The mean of a daily series that may be correlated over time; missing days left out.
struct DailyMean {
  std::size_t days = 0;
  double mean = kMissing;
  double standard_error = kMissing;  ///< Newey-West
  double t = kMissing;
  int lag = 0;

  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
};

/// The groups that a factor makes every day, equally weighted, lowest values first. NaN: not computable.
struct FactorQuantiles {
  std::vector<double> mean;    ///< mean over the days of the group's mean return
  std::vector<double> excess;  ///< the same of the return less the mean of the day's names
  std::vector<double> names;   ///< mean number of names
  /// Share of a group's names that were not in it as many sessions before as the horizon has.
  std::vector<double> turnover;
  double monotonicity = DailyMean::kMissing;  ///< rank correlation of the groups' numbers and their means
};

/// The highest group less the lowest one. What is said of costs holds for the side that earned: for the
/// lowest less the highest where the mean is below 0. Both groups are made anew once a horizon, what leaves
/// is sold and what enters is bought; that weights drift in between is not counted.
struct LongShort {
  std::vector<double> daily;  ///< return over the horizon by day; NaN: left out
  DailyMean gross;
  double net_mean = DailyMean::kMissing;        ///< size of the mean less what the trades of a horizon cost
  double break_even_bps = DailyMean::kMissing;  ///< the cost a side at which nothing is left of it
};

/// The correlations that are left when something is taken out of factor and return. Daily values not kept.
struct NeutralInformation {
  Neutralization of = Neutralization::kSector;
  CorrelationSummary ic;
  CorrelationSummary rank_ic;
};

/// A factor's relation to the returns over one horizon.
struct FactorHorizon {
  int sessions = 0;
  CorrelationSummary ic;
  CorrelationSummary rank_ic;
  std::vector<NeutralInformation> neutral;
  FactorQuantiles quantiles;
  LongShort long_short;
  /// Mean correlation of the day's ranks with those as many sessions before as the horizon has, over the
  /// names with both.
  double autocorrelation = DailyMean::kMissing;
};

/// Everything that is said about one factor.
struct FactorResult {
  std::string name;
  double coverage = DailyMean::kMissing;  ///< cells with the factor over eligible cells
  double mean_names = 0.0;                ///< a day
  std::vector<FactorHorizon> horizons;
  SignalDecay decay;
};

/// What all factors of an evaluation have in common, and each of them.
struct FactorEvaluation {
  FactorEvaluationSpec spec;
  std::vector<Date> dates;  ///< the judged rows
  std::vector<FactorResult> factors;
  /// [factor × factor]: mean over the days of the correlation of their ranks; a missing value counts as the
  /// day's mean. NaN where no day has both.
  Panel correlations;

  /// Position of the primary horizon in every factor's list.
  std::size_t primary() const;
};

/// Gives the factors [first, first + count) over the whole market, in their order.
using FactorBlocks = std::function<FactorFrame(std::size_t first, std::size_t count)>;

/// Holds factors against the returns that followed them.
///
/// The return over h sessions of a factor known at the close of t is close[t + delay + h] / close[t + delay]
/// - 1: with the default delay of 1 it is entered one session after it is known, as a study's label is; with
/// 0 it is that of alphalens. Newey-West lags: max(floor(4 (n/100)^(2/9)), h - 1), n days, since the returns
/// of neighbouring days share h - 1 sessions. Groups as pandas.qcut makes them, from all names that have the
/// factor on the day; days without spread or with fewer than `minimum_names` are left out. Neutral
/// correlations: residuals of the factor over the names that have it, and of the return over those that have
/// that, correlated over the names with both.
///
/// Factors come by blocks, so that memory stays under about `memory_bytes` beside the results; with more than
/// one block, factors are asked for again for the correlations between blocks. The result does not depend on
/// blocks or threads. Look-ahead: full, by nature; nothing here may feed a model or a portfolio.
/// Errors: kInvalidArgument for a spec outside its ranges or shapes that differ.
/// Sources: Grinold and Kahn (2000), ch. 6; Newey and West (1987, 1994); alphalens for the conventions.
FactorEvaluation evaluate_factors(const std::vector<std::string>& names, const FactorBlocks& blocks,
                                  const EvaluationMarket& market, const FactorEvaluationSpec& spec,
                                  int threads = 0, Progress& progress = silent_progress(),
                                  std::size_t memory_bytes = std::size_t{512} << 20U);

/// Returns the spec with the horizon 1 among its horizons, ascending. Errors: kInvalidArgument, naming the
/// setting, what was found and what is allowed.
FactorEvaluationSpec checked_spec(FactorEvaluationSpec spec);

}  // namespace orrery
