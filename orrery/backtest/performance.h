#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "orrery/base/date.h"

namespace orrery {

/// What performance is measured from: one element a period (session), in order. Returns are simple returns
/// of the period (0.01 = 1 %). Missing: NaN. Every span but `dates` and `net_returns` may be empty, and what
/// needs it is then NaN or empty.
struct PerformanceInputs {
  std::span<const Date> dates;
  std::span<const double> net_returns;        ///< after costs
  std::span<const double> gross_returns;      ///< before costs
  std::span<const double> benchmark_returns;  ///< the equal-weight universe of the same rows
  std::span<const double> cash_returns;       ///< what cash earned; empty: 0
  std::span<const double> costs;              ///< costs / equity before the period's trades
  std::span<const double> turnover;           ///< (bought + sold value) / equity before the trades: two-way
  double periods_per_year = 252.0;            ///< from the calendar
};

/// A fall from a peak of the equity curve and the way back.
struct Drawdown {
  double depth = 0.0;        ///< trough / peak - 1, at most 0
  std::optional<Date> peak;  ///< nothing: the starting capital, before the first period
  Date trough;
  std::optional<Date> recovery;       ///< first date at or above the peak again; nothing: not within the data
  std::size_t periods_to_trough = 0;  ///< from peak to trough
  std::size_t periods_to_recovery = 0;  ///< from peak to recovery, or to the last date
};

struct PeriodReturn {
  int year = 0;
  int month = 0;  ///< 1 to 12; 0 for a whole year
  double net = 0.0;
  double benchmark = std::numeric_limits<double>::quiet_NaN();
};

/// Performance of one series of returns. Rates are fractions (0.07 = 7 %). NaN: not computable.
struct Performance {
  std::vector<Date> dates;
  std::vector<double> equity;            ///< at each date, 1 before the first period
  std::vector<double> benchmark_equity;  ///< empty without a benchmark
  std::vector<double> drawdown;          ///< equity / running peak - 1

  std::size_t periods = 0;
  double periods_per_year = 252.0;
  double total_return = kMissing;
  double annual_return = kMissing;        ///< net, geometric: (1 + total)^(periods_per_year / periods) - 1
  double annual_return_gross = kMissing;  ///< the same of the gross returns
  double annual_return_arithmetic = kMissing;      ///< net, mean × periods_per_year
  double annual_volatility = kMissing;             ///< net, deviation (n - 1) × sqrt(periods_per_year)
  double sharpe = kMissing;                        ///< over the cash rate, annualised
  double sharpe_standard_error = kMissing;         ///< annualised; Mertens (2002)
  double sharpe_standard_error_normal = kMissing;  ///< annualised; Lo (2002), returns taken as normal
  double sortino = kMissing;
  double calmar = kMissing;
  double cash_return_annual = kMissing;  ///< arithmetic
  double skewness = kMissing;
  double kurtosis = kMissing;  ///< raw: 3 for a normal distribution
  double best_period = kMissing;
  double worst_period = kMissing;
  std::optional<Date> best_date;
  std::optional<Date> worst_date;
  double hit_rate = kMissing;  ///< share of the periods with a net return above 0

  double max_drawdown = kMissing;         ///< depth of the deepest fall, at most 0
  std::vector<Drawdown> worst_drawdowns;  ///< up to five that don't overlap, deepest first

  double turnover_two_way = kMissing;         ///< mean a period of (bought + sold) / equity
  double turnover_one_way = kMissing;         ///< half of it
  double turnover_two_way_annual = kMissing;  ///< × periods_per_year
  double cost_annual = kMissing;              ///< mean cost a period × periods_per_year
  double cost_drag = kMissing;                ///< annual_return_gross - annual_return

  double benchmark_annual_return = kMissing;  ///< geometric
  double benchmark_annual_volatility = kMissing;
  double benchmark_sharpe = kMissing;
  double benchmark_max_drawdown = kMissing;
  double excess_annual_return = kMissing;  ///< annual_return - benchmark_annual_return
  double excess_t = kMissing;              ///< Newey-West t of the mean of net - benchmark
  double tracking_error = kMissing;        ///< annualised deviation of net - benchmark
  double information_ratio = kMissing;     ///< annualised mean of net - benchmark over its deviation
  double alpha = kMissing;                 ///< (1 + mean of r - beta b, both over cash)^periods_per_year - 1
  double alpha_t = kMissing;               ///< Newey-West t of the regression's constant
  double beta = kMissing;                  ///< covariance with the benchmark / its variance

  std::vector<PeriodReturn> monthly;  ///< ascending, every calendar month from the first date to the last
  std::vector<PeriodReturn> yearly;

  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
};

/// Measures a series of returns. A missing net return is left out of means and deviations, but its period
/// still passes: it counts in the years over which growth is annualised, with a return of 0 (as empyrical).
/// Look-ahead: none to speak of; it looks back on what happened.
/// Errors: kInvalidArgument for spans of different lengths, dates that do not ascend, or
/// periods_per_year <= 0.
/// Sources: docs/metrics.md; every formula with a case there agrees with empyrical's published values.
Performance measure_performance(const PerformanceInputs& inputs);

enum class CalendarPeriod { kWeek, kMonth, kQuarter, kYear };

/// The single measures. `returns` are simple returns, NaN is left out as described above; a measure of too
/// few values is NaN. Annualisation multiplies means by `periods_per_year` and deviations by its root.
double total_return(std::span<const double> returns);
double annual_return(std::span<const double> returns, double periods_per_year);
double annual_volatility(std::span<const double> returns, double periods_per_year);
/// `cash` is empty for 0, or as long as `returns`.
double sharpe_ratio(std::span<const double> returns, std::span<const double> cash, double periods_per_year);
/// Mean over the root mean square of what falls short of `cash`, annualised. Source: Sortino (1994).
double sortino_ratio(std::span<const double> returns, std::span<const double> cash, double periods_per_year);
double max_drawdown(std::span<const double> returns);
/// annual_return / |max_drawdown|; NaN without a drawdown.
double calmar_ratio(std::span<const double> returns, double periods_per_year);
/// Gains over losses around a threshold a year. Source: Keating and Shadwick (2002).
double omega_ratio(std::span<const double> returns, std::span<const double> cash,
                   double required_annual_return, double periods_per_year);
/// Mean of the difference to a benchmark over its deviation, not annualised.
double excess_sharpe(std::span<const double> returns, std::span<const double> benchmark);

struct AlphaBeta {
  double alpha = std::numeric_limits<double>::quiet_NaN();  ///< annualised as Performance::alpha
  double beta = std::numeric_limits<double>::quiet_NaN();
};
AlphaBeta alpha_beta(std::span<const double> returns, std::span<const double> benchmark,
                     std::span<const double> cash, double periods_per_year);

/// Geometric annual return in the benchmark's rising (or falling) periods over the benchmark's own there.
double up_capture(std::span<const double> returns, std::span<const double> benchmark,
                  double periods_per_year);
double down_capture(std::span<const double> returns, std::span<const double> benchmark,
                    double periods_per_year);
/// 95th percentile over the magnitude of the 5th.
double tail_ratio(std::span<const double> returns);
/// R² of the cumulated log return on a straight line.
double stability(std::span<const double> returns);

/// Standard error of a Sharpe ratio per period from its number of periods, skewness and raw kurtosis:
/// sqrt((1 - skewness × s + (kurtosis - 1) / 4 × s²) / periods). With skewness 0 and kurtosis 3 it is Lo's
/// (2002, eq. 9) sqrt((1 + s²/2) / periods). Source: Mertens (2002), "Comments on variance of the IID
/// estimator in Lo"; Bailey and López de Prado (2012), eq. 5 with n instead of n - 1.
double sharpe_standard_error(double sharpe_per_period, double periods, double skewness, double kurtosis);

/// Compounds returns within calendar periods, in order; only periods with a date appear.
std::vector<double> aggregate_returns(std::span<const Date> dates, std::span<const double> returns,
                                      CalendarPeriod period);

}  // namespace orrery
