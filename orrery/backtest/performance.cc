#include "orrery/backtest/performance.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/not_a_number.h"
#include "orrery/base/statistics.h"

namespace orrery {
namespace {

constexpr std::size_t kShownDrawdowns = 5;

/// Returns a - b; an empty b is 0.
std::vector<double> subtract(std::span<const double> a, std::span<const double> b) {
  std::vector<double> result(a.begin(), a.end());
  for (std::size_t i = 0; i < b.size(); ++i) result[i] -= b[i];
  return result;
}

/// Two series with the periods in which both are known.
struct Pairs {
  std::vector<double> x;
  std::vector<double> y;
};

Pairs keep_pairs(std::span<const double> x, std::span<const double> y) {
  Pairs pairs;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(x[i]) || !std::isfinite(y[i])) continue;
    pairs.x.push_back(x[i]);
    pairs.y.push_back(y[i]);
  }
  return pairs;
}

double growth_of(std::span<const double> returns) {
  double growth = 1.0;
  for (const double value : returns) {
    if (std::isfinite(value)) growth *= 1.0 + value;
  }
  return growth;
}

std::vector<double> compound(std::span<const double> returns) {
  std::vector<double> equity;
  equity.reserve(returns.size());
  double level = 1.0;
  for (const double value : returns) {
    if (std::isfinite(value)) level *= 1.0 + value;
    equity.push_back(level);
  }
  return equity;
}

std::vector<double> fall_from_peak(std::span<const double> equity) {
  std::vector<double> drawdown;
  drawdown.reserve(equity.size());
  double peak = 1.0;
  for (const double level : equity) {
    peak = std::max(peak, level);
    drawdown.push_back(level / peak - 1.0);
  }
  return drawdown;
}

/// Returns every stretch under water, in order.
std::vector<Drawdown> list_drawdowns(std::span<const double> drawdown, std::span<const Date> dates) {
  std::vector<Drawdown> list;
  for (std::size_t t = 0; t < drawdown.size();) {
    if (drawdown[t] >= 0.0) {
      ++t;
      continue;
    }
    Drawdown fall;
    const std::size_t first = t;
    std::size_t trough = t;
    for (; t < drawdown.size() && drawdown[t] < 0.0; ++t) {
      if (drawdown[t] < drawdown[trough]) trough = t;
    }
    fall.depth = drawdown[trough];
    fall.trough = dates[trough];
    if (first > 0) fall.peak = dates[first - 1];
    if (t < drawdown.size()) fall.recovery = dates[t];
    fall.periods_to_trough = trough + 1 - first;
    fall.periods_to_recovery = std::min(t, drawdown.size() - 1) + 1 - first;
    list.push_back(fall);
  }
  return list;
}

std::vector<Drawdown> worst_drawdowns(std::span<const double> drawdown, std::span<const Date> dates) {
  std::vector<Drawdown> list = list_drawdowns(drawdown, dates);
  std::stable_sort(list.begin(), list.end(),
                   [](const Drawdown& a, const Drawdown& b) { return a.depth < b.depth; });
  if (list.size() > kShownDrawdowns) list.resize(kShownDrawdowns);
  return list;
}

/// Returns the number of the calendar period that a date lies in; equal numbers, same period.
int period_of(Date date, CalendarPeriod period) {
  const YearMonthDay day = year_month_day(date);
  switch (period) {
    case CalendarPeriod::kWeek:
      return (date - weekday(date)).days;  // its Monday
    case CalendarPeriod::kMonth:
      return day.year * 12 + day.month - 1;
    case CalendarPeriod::kQuarter:
      return day.year * 4 + (day.month - 1) / 3;
    case CalendarPeriod::kYear:
      return day.year;
  }
  throw internal_error("unknown calendar period");
}

/// Calls `visit(begin, end)` for each run of dates in one calendar period.
template <class Visit>
void visit_periods(std::span<const Date> dates, CalendarPeriod period, Visit visit) {
  for (std::size_t begin = 0; begin < dates.size();) {
    std::size_t end = begin + 1;
    while (end < dates.size() && period_of(dates[end], period) == period_of(dates[begin], period)) ++end;
    visit(begin, end);
    begin = end;
  }
}

std::vector<PeriodReturn> list_period_returns(const PerformanceInputs& inputs, CalendarPeriod period) {
  std::vector<PeriodReturn> list;
  visit_periods(inputs.dates, period, [&](std::size_t begin, std::size_t end) {
    const YearMonthDay day = year_month_day(inputs.dates[begin]);
    PeriodReturn entry;
    entry.year = day.year;
    entry.month = period == CalendarPeriod::kMonth ? day.month : 0;
    entry.net = growth_of(inputs.net_returns.subspan(begin, end - begin)) - 1.0;
    if (!inputs.benchmark_returns.empty()) {
      entry.benchmark = growth_of(inputs.benchmark_returns.subspan(begin, end - begin)) - 1.0;
    }
    list.push_back(entry);
  });
  return list;
}

void check_length(std::span<const double> values, std::size_t length, const char* name, bool may_be_empty) {
  if (values.size() == length || (may_be_empty && values.empty())) return;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("performance: there are {} dates, but {} {}", length, values.size(), name));
}

void check_inputs(const PerformanceInputs& inputs) {
  const std::size_t length = inputs.dates.size();
  check_length(inputs.net_returns, length, "net returns", false);
  check_length(inputs.gross_returns, length, "gross returns", true);
  check_length(inputs.benchmark_returns, length, "benchmark returns", true);
  check_length(inputs.cash_returns, length, "cash returns", true);
  check_length(inputs.costs, length, "costs", true);
  check_length(inputs.turnover, length, "turnover values", true);
  for (std::size_t t = 1; t < length; ++t) {
    if (inputs.dates[t - 1] < inputs.dates[t]) continue;
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("performance: dates must ascend, but {} follows {}",
                                 to_string(inputs.dates[t]), to_string(inputs.dates[t - 1])));
  }
  if (!(inputs.periods_per_year > 0.0)) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("performance: periods_per_year must be positive, found {}", inputs.periods_per_year));
  }
}

void measure_growth(const PerformanceInputs& inputs, Performance& result) {
  const std::span<const double> net = inputs.net_returns;
  result.equity = compound(net);
  result.drawdown = fall_from_peak(result.equity);
  result.total_return = total_return(net);
  result.annual_return = annual_return(net, inputs.periods_per_year);
  result.annual_return_gross = annual_return(inputs.gross_returns, inputs.periods_per_year);
  result.annual_return_arithmetic = mean(drop_missing(net)) * inputs.periods_per_year;
  result.max_drawdown = max_drawdown(net);
  result.worst_drawdowns = worst_drawdowns(result.drawdown, inputs.dates);
  result.calmar = calmar_ratio(net, inputs.periods_per_year);
  result.monthly = list_period_returns(inputs, CalendarPeriod::kMonth);
  result.yearly = list_period_returns(inputs, CalendarPeriod::kYear);
}

void measure_risk(const PerformanceInputs& inputs, Performance& result) {
  const double root = std::sqrt(inputs.periods_per_year);
  const std::vector<double> excess = drop_missing(subtract(inputs.net_returns, inputs.cash_returns));
  const std::vector<double> net = drop_missing(inputs.net_returns);
  result.annual_volatility = annual_volatility(net, inputs.periods_per_year);
  result.sharpe = sharpe_ratio(inputs.net_returns, inputs.cash_returns, inputs.periods_per_year);
  const auto count = static_cast<double>(excess.size());
  result.sharpe_standard_error =
      root * sharpe_standard_error(result.sharpe / root, count, skewness(excess), kurtosis(excess));
  result.sharpe_standard_error_normal = root * sharpe_standard_error(result.sharpe / root, count, 0.0, 3.0);
  result.sortino = sortino_ratio(inputs.net_returns, inputs.cash_returns, inputs.periods_per_year);
  result.skewness = skewness(net);
  result.kurtosis = kurtosis(net);
  const double cash = inputs.cash_returns.empty() ? 0.0 : mean(drop_missing(inputs.cash_returns));
  result.cash_return_annual = cash * inputs.periods_per_year;
  const auto gains = std::count_if(net.begin(), net.end(), [](double value) { return value > 0.0; });
  if (!net.empty()) result.hit_rate = static_cast<double>(gains) / static_cast<double>(net.size());
}

void find_extreme_periods(const PerformanceInputs& inputs, Performance& result) {
  for (std::size_t t = 0; t < inputs.net_returns.size(); ++t) {
    const double value = inputs.net_returns[t];
    if (!std::isfinite(value)) continue;
    if (!result.best_date || value > result.best_period) {
      result.best_period = value;
      result.best_date = inputs.dates[t];
    }
    if (!result.worst_date || value < result.worst_period) {
      result.worst_period = value;
      result.worst_date = inputs.dates[t];
    }
  }
}

void measure_trading(const PerformanceInputs& inputs, Performance& result) {
  result.turnover_two_way = mean(drop_missing(inputs.turnover));
  result.turnover_one_way = 0.5 * result.turnover_two_way;
  result.turnover_two_way_annual = result.turnover_two_way * inputs.periods_per_year;
  result.cost_annual = mean(drop_missing(inputs.costs)) * inputs.periods_per_year;
  result.cost_drag = result.annual_return_gross - result.annual_return;
}

/// Newey-West t of the constant in y = a + b x. The estimate of `a` is a weighted sum of the residuals, so
/// its HAC variance is that of the weighted residuals' mean.
double constant_t(const Pairs& pairs, double constant, double beta) {
  const std::size_t n = pairs.x.size();
  const double x_mean = mean(pairs.x);
  double squares = 0.0;
  for (const double x : pairs.x) squares += (x - x_mean) * (x - x_mean);
  std::vector<double> influence(n);
  for (std::size_t t = 0; t < n; ++t) {
    const double weight = 1.0 - static_cast<double>(n) * x_mean * (pairs.x[t] - x_mean) / squares;
    influence[t] = weight * (pairs.y[t] - constant - beta * pairs.x[t]);
  }
  return constant / newey_west_standard_error(influence, newey_west_lag(n));
}

void compare_with_benchmark(const PerformanceInputs& inputs, Performance& result) {
  if (inputs.benchmark_returns.empty()) return;
  const double per_year = inputs.periods_per_year;
  const std::span<const double> benchmark = inputs.benchmark_returns;
  result.benchmark_equity = compound(benchmark);
  result.benchmark_annual_return = annual_return(benchmark, per_year);
  result.benchmark_annual_volatility = annual_volatility(benchmark, per_year);
  result.benchmark_sharpe = sharpe_ratio(benchmark, inputs.cash_returns, per_year);
  result.benchmark_max_drawdown = max_drawdown(benchmark);
  result.excess_annual_return = result.annual_return - result.benchmark_annual_return;
  const std::vector<double> difference = subtract(inputs.net_returns, benchmark);
  const std::vector<double> known = drop_missing(difference);
  result.excess_t = mean(known) / newey_west_standard_error(known, newey_west_lag(known.size()));
  result.tracking_error = annual_volatility(difference, per_year);
  result.information_ratio = sharpe_ratio(difference, {}, per_year);
  const AlphaBeta fit = alpha_beta(inputs.net_returns, benchmark, inputs.cash_returns, per_year);
  result.alpha = fit.alpha;
  result.beta = fit.beta;
  const Pairs pairs =
      keep_pairs(subtract(benchmark, inputs.cash_returns), subtract(inputs.net_returns, inputs.cash_returns));
  result.alpha_t = constant_t(pairs, mean(pairs.y) - fit.beta * mean(pairs.x), fit.beta);
}

/// Keeps the periods in which the benchmark has the sign asked for.
Pairs keep_benchmark_sign(std::span<const double> returns, std::span<const double> benchmark, double sign) {
  Pairs kept;
  for (std::size_t t = 0; t < returns.size(); ++t) {
    if (!(benchmark[t] * sign > 0.0)) continue;
    kept.x.push_back(benchmark[t]);
    kept.y.push_back(returns[t]);
  }
  return kept;
}

double capture(const Pairs& kept, double periods_per_year) {
  return annual_return(kept.y, periods_per_year) / annual_return(kept.x, periods_per_year);
}

}  // namespace

double total_return(std::span<const double> returns) {
  return returns.empty() ? kNaN : growth_of(returns) - 1.0;
}

double annual_return(std::span<const double> returns, double periods_per_year) {
  if (returns.empty()) return kNaN;
  const double years = static_cast<double>(returns.size()) / periods_per_year;
  return std::pow(growth_of(returns), 1.0 / years) - 1.0;
}

double annual_volatility(std::span<const double> returns, double periods_per_year) {
  return standard_deviation(drop_missing(returns)) * std::sqrt(periods_per_year);
}

double sharpe_ratio(std::span<const double> returns, std::span<const double> cash, double periods_per_year) {
  const std::vector<double> excess = drop_missing(subtract(returns, cash));
  return mean(excess) / standard_deviation(excess) * std::sqrt(periods_per_year);
}

double sortino_ratio(std::span<const double> returns, std::span<const double> cash, double periods_per_year) {
  const std::vector<double> excess = drop_missing(subtract(returns, cash));
  if (excess.size() < 2) return kNaN;
  double squares = 0.0;
  for (const double value : excess) squares += value < 0.0 ? value * value : 0.0;
  const double downside = std::sqrt(squares / static_cast<double>(excess.size()));
  return mean(excess) / downside * std::sqrt(periods_per_year);
}

double max_drawdown(std::span<const double> returns) {
  if (returns.empty()) return kNaN;
  const std::vector<double> drawdown = fall_from_peak(compound(returns));
  return *std::min_element(drawdown.begin(), drawdown.end());
}

double calmar_ratio(std::span<const double> returns, double periods_per_year) {
  const double depth = max_drawdown(returns);
  return depth < 0.0 ? annual_return(returns, periods_per_year) / -depth : kNaN;
}

double omega_ratio(std::span<const double> returns, std::span<const double> cash,
                   double required_annual_return, double periods_per_year) {
  if (returns.size() < 2 || required_annual_return <= -1.0) return kNaN;
  const double threshold = std::pow(1.0 + required_annual_return, 1.0 / periods_per_year) - 1.0;
  double gains = 0.0;
  double losses = 0.0;
  for (const double value : drop_missing(subtract(returns, cash))) {
    gains += std::max(value - threshold, 0.0);
    losses += std::max(threshold - value, 0.0);
  }
  return losses > 0.0 ? gains / losses : kNaN;
}

double excess_sharpe(std::span<const double> returns, std::span<const double> benchmark) {
  return sharpe_ratio(returns, benchmark, 1.0);
}

AlphaBeta alpha_beta(std::span<const double> returns, std::span<const double> benchmark,
                     std::span<const double> cash, double periods_per_year) {
  const Pairs pairs = keep_pairs(subtract(benchmark, cash), subtract(returns, cash));
  if (pairs.x.size() < 2) return {};
  const double x_mean = mean(pairs.x);
  double covariance = 0.0;
  double variance = 0.0;
  for (std::size_t t = 0; t < pairs.x.size(); ++t) {
    covariance += (pairs.x[t] - x_mean) * pairs.y[t];
    variance += (pairs.x[t] - x_mean) * (pairs.x[t] - x_mean);
  }
  // A constant benchmark's variance is rounding alone; the floor is empyrical's.
  if (variance < 1e-30 * static_cast<double>(pairs.x.size())) return {};
  AlphaBeta result;
  result.beta = covariance / variance;
  result.alpha = std::pow(1.0 + mean(pairs.y) - result.beta * x_mean, periods_per_year) - 1.0;
  return result;
}

double up_capture(std::span<const double> returns, std::span<const double> benchmark,
                  double periods_per_year) {
  return capture(keep_benchmark_sign(returns, benchmark, 1.0), periods_per_year);
}

double down_capture(std::span<const double> returns, std::span<const double> benchmark,
                    double periods_per_year) {
  return capture(keep_benchmark_sign(returns, benchmark, -1.0), periods_per_year);
}

double tail_ratio(std::span<const double> returns) {
  const std::vector<double> present = drop_missing(returns);
  return std::abs(quantile(present, 0.95)) / std::abs(quantile(present, 0.05));
}

double stability(std::span<const double> returns) {
  const std::vector<double> present = drop_missing(returns);
  if (present.size() < 2) return kNaN;
  const double x_mean = 0.5 * static_cast<double>(present.size() - 1);
  std::vector<double> level;
  level.reserve(present.size());
  double sum = 0.0;
  for (const double value : present) level.push_back(sum += std::log1p(value));
  const double y_mean = mean(level);
  double xx = 0.0;
  double yy = 0.0;
  double xy = 0.0;
  for (std::size_t t = 0; t < level.size(); ++t) {
    const double dx = static_cast<double>(t) - x_mean;
    xx += dx * dx;
    yy += (level[t] - y_mean) * (level[t] - y_mean);
    xy += dx * (level[t] - y_mean);
  }
  return xy * xy / (xx * yy);
}

double sharpe_standard_error(double sharpe_per_period, double periods, double skewness, double kurtosis) {
  if (!(periods > 0.0)) return kNaN;
  const double s = sharpe_per_period;
  return std::sqrt((1.0 - skewness * s + 0.25 * (kurtosis - 1.0) * s * s) / periods);
}

std::vector<double> aggregate_returns(std::span<const Date> dates, std::span<const double> returns,
                                      CalendarPeriod period) {
  std::vector<double> result;
  visit_periods(dates, period, [&](std::size_t begin, std::size_t end) {
    result.push_back(growth_of(returns.subspan(begin, end - begin)) - 1.0);
  });
  return result;
}

Performance measure_performance(const PerformanceInputs& inputs) {
  check_inputs(inputs);
  Performance result;
  result.dates.assign(inputs.dates.begin(), inputs.dates.end());
  result.periods = inputs.dates.size();
  result.periods_per_year = inputs.periods_per_year;
  measure_growth(inputs, result);
  measure_risk(inputs, result);
  find_extreme_periods(inputs, result);
  measure_trading(inputs, result);
  compare_with_benchmark(inputs, result);
  return result;
}

}  // namespace orrery
