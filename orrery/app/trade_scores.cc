#include "orrery/app/trade_scores.h"

#include <algorithm>
#include <cmath>

#include "orrery/app/score_intervals.h"
#include "orrery/app/study_strategy.h"
#include "orrery/base/error.h"

namespace orrery {

RowRange scored_rows(const Panel& scores) {
  RowRange range{scores.rows(), 0};
  for (std::size_t row = 0; row < scores.rows(); ++row) {
    const auto cells = scores.row(row);
    if (std::all_of(cells.begin(), cells.end(), [](double score) { return std::isnan(score); })) continue;
    range.begin = std::min(range.begin, row);
    range.end = row + 1;
  }
  if (range.empty())
    throw user_error(ErrorCode::kInvalidArgument, "no session has any score: nothing to evaluate");
  return range;
}

BacktestResult trade_scores(const Study& study, const Plugins& plugins, const TradedMarket& traded,
                            const Panel& scores, RowRange rows, const Panel& forward_return,
                            double unknown_delisting_return, Progress& progress,
                            const UncertaintyPanels* uncertainty) {
  BacktestConfig config = study.backtest;
  config.rows = rows;
  config.unknown_delisting_return = unknown_delisting_return;
  const MarketData& market = traded.prices;
  const auto strategy = study_strategy(study, plugins, traded.regimes);
  if (!strategy->reads_uncertainty()) return run_backtest(market, scores, *strategy, config, progress);
  if (uncertainty != nullptr) return run_backtest(market, scores, *strategy, config, progress, *uncertainty);
  constexpr int kThreads = 1;  // callers trade many scores beside each other
  const auto intervals = score_intervals(study, market, scores, forward_return, kThreads);
  return run_backtest(market, scores, *strategy, config, progress, panels_of(intervals));
}

PerformanceInputs BacktestSeries::inputs(const std::vector<double>& benchmark,
                                         double periods_per_year) const {
  return {.dates = dates,
          .net_returns = net,
          .gross_returns = gross,
          .benchmark_returns = benchmark,
          .cash_returns = cash,
          .costs = costs,
          .turnover = turnover,
          .periods_per_year = periods_per_year};
}

BacktestSeries series_of(const BacktestResult& result, double cash_rate, double periods_per_year) {
  BacktestSeries series;
  const double cash = std::pow(1.0 + cash_rate, 1.0 / periods_per_year) - 1.0;
  for (const auto& day : result.daily) {
    series.dates.push_back(day.date);
    series.net.push_back(day.net_return);
    series.gross.push_back(day.gross_return);
    series.costs.push_back(day.gross_return - day.net_return);
    series.turnover.push_back(day.turnover_two_way);
    series.cash.push_back(cash);
  }
  return series;
}

}  // namespace orrery
