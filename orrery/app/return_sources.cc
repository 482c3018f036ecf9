#include "orrery/app/return_sources.h"

#include "orrery/app/trade_scores.h"
#include "orrery/app/universe.h"

namespace orrery {
namespace {

/// The sessions of the calendar in every month that the run touches.
std::vector<Date> sessions_of_months(const Calendar& calendar, const std::vector<Date>& dates) {
  if (dates.empty()) return {};
  const auto first = year_month_day(dates.front());
  const auto last = year_month_day(dates.back());
  return calendar.sessions(make_date(first.year, first.month, 1),
                           add_months(make_date(last.year, last.month, 1), 1) - 1);
}

}  // namespace

std::optional<FactorReturns> read_attribution_factors(const Study& study) {
  if (study.attribution.factors.empty()) return std::nullopt;
  return read_factor_returns(study.attribution.factors, study.attribution.unit);
}

ReturnSources explain_returns(const Study& study, const StudyRun& run,
                              const std::optional<FactorReturns>& factors) {
  const MarketData& market = run.prices.market;
  const double periods_per_year = run.prices.calendar.sessions_per_year();
  const BacktestResult& traded = run.evaluation.backtest;
  const BacktestSeries series = series_of(traded, study.cash_rate, periods_per_year);
  const PerformanceInputs inputs = series.inputs(run.evaluation.benchmark_returns, periods_per_year);
  const auto sessions = sessions_of_months(run.prices.calendar, series.dates);
  return {attribute_returns(inputs, factors ? &*factors : nullptr, sessions),
          measure_exposure(market, run.eligible, traded, equal_weight_returns(market, run.eligible)),
          measure_capacity(inputs, impact_trades(market, traded), study.impact_coefficient)};
}

}  // namespace orrery
