#pragma once

#include <vector>

#include "orrery/app/study.h"
#include "orrery/backtest/performance.h"

namespace orrery {

/// The sessions from the first to the last one with any score. Errors: kInvalidArgument when none has.
RowRange scored_rows(const Panel& scores);

/// What a study trades on.
struct TradedMarket {
  const MarketData& prices;
  const RegimeHistory* regimes;  ///< of these prices; null for a study without
};

/// Trades scores over `rows` with the study's strategy, execution and costs. `unknown_delisting_return` is
/// what names earn that vanish without a known reason. A strategy that reads how sure the scores are is told
/// `uncertainty`; without one, what score_intervals makes of these scores and of `forward_return` (see
/// study_forward_return), which is read for nothing else.
BacktestResult trade_scores(const Study& study, const Plugins& plugins, const TradedMarket& market,
                            const Panel& scores, RowRange rows, const Panel& forward_return,
                            double unknown_delisting_return, Progress& progress = silent_progress(),
                            const UncertaintyPanels* uncertainty = nullptr);

/// The series of a backtest that its performance is measured from.
struct BacktestSeries {
  std::vector<Date> dates;
  std::vector<double> net, gross, costs, turnover, cash;

  /// Views of the series, which must outlive them; so must `benchmark`.
  PerformanceInputs inputs(const std::vector<double>& benchmark, double periods_per_year) const;
};

/// `cash_rate` is annual; every session earns its compound share of it.
BacktestSeries series_of(const BacktestResult& result, double cash_rate, double periods_per_year);

}  // namespace orrery
