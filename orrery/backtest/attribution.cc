#include "orrery/backtest/attribution.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "orrery/base/regression.h"
#include "orrery/data/factor_returns.h"

namespace orrery {
namespace {

constexpr std::size_t kFewestPeriods = 20;
constexpr std::size_t kFewestACoefficient = 3;
constexpr double kMonthsPerYear = 12.0;

/// Net and cash returns of one frequency, in order.
struct Returns {
  std::vector<Date> dates;  ///< the first of the month for months
  std::vector<double> net;
  std::vector<double> cash;
};

double cash_at(const PerformanceInputs& inputs, std::size_t t) {
  return inputs.cash_returns.empty() ? 0.0 : inputs.cash_returns[t];
}

std::vector<double> over_cash(std::span<const double> returns, const std::vector<double>& cash) {
  std::vector<double> excess(returns.begin(), returns.end());
  for (std::size_t t = 0; t < excess.size(); ++t) excess[t] -= cash[t];
  return excess;
}

Returns daily_returns(const PerformanceInputs& inputs) {
  Returns result;
  result.dates.assign(inputs.dates.begin(), inputs.dates.end());
  result.net.assign(inputs.net_returns.begin(), inputs.net_returns.end());
  for (std::size_t t = 0; t < result.dates.size(); ++t) result.cash.push_back(cash_at(inputs, t));
  return result;
}

Date month_of(Date date) {
  const auto day = year_month_day(date);
  return make_date(day.year, day.month, 1);
}

/// Compounds the months all of whose sessions the run has.
Returns monthly_returns(const PerformanceInputs& inputs, std::span<const Date> sessions) {
  std::map<Date, std::size_t> wanted;
  for (const Date session : sessions) ++wanted[month_of(session)];
  Returns result;
  for (std::size_t begin = 0; begin < inputs.dates.size();) {
    const Date month = month_of(inputs.dates[begin]);
    double net = 1.0;
    double cash = 1.0;
    std::size_t end = begin;
    for (; end < inputs.dates.size() && month_of(inputs.dates[end]) == month; ++end) {
      net *= 1.0 + inputs.net_returns[end];
      cash *= 1.0 + cash_at(inputs, end);
    }
    if (end - begin >= wanted[month]) {
      result.dates.push_back(month);
      result.net.push_back(net - 1.0);
      result.cash.push_back(cash - 1.0);
    }
    begin = end;
  }
  return result;
}

FactorRegression describe_fit(const Regression& fit, const std::vector<std::string>& names, double per_year) {
  FactorRegression result;
  result.alpha = std::pow(1.0 + fit.coefficients[0], per_year) - 1.0;
  result.alpha_t = fit.t[0];
  for (std::size_t k = 0; k < names.size(); ++k)
    result.loadings.push_back({names[k], fit.coefficients[k + 1], fit.t[k + 1]});
  result.r_squared = fit.r_squared;
  result.residual_volatility = fit.residual_deviation * std::sqrt(per_year);
  result.periods = fit.observations;
  result.lag = fit.lag;
  return result;
}

FactorRegression regress_on_universe(const PerformanceInputs& inputs) {
  if (inputs.benchmark_returns.empty()) return {};
  const Returns own = daily_returns(inputs);
  const std::vector<double> market = over_cash(inputs.benchmark_returns, own.cash);
  return describe_fit(regress(over_cash(own.net, own.cash), std::span(&market, 1)), {"Equal-weight universe"},
                      inputs.periods_per_year);
}

/// The file's values on given dates; NaN where it has none.
std::vector<double> values_at(const std::vector<Date>& dates, const FactorReturns& factors,
                              const std::vector<double>& values) {
  std::vector<double> result;
  for (const Date date : dates) {
    const auto found = std::lower_bound(factors.dates.begin(), factors.dates.end(), date);
    const bool there = found != factors.dates.end() && *found == date;
    result.push_back(there ? values[static_cast<std::size_t>(found - factors.dates.begin())]
                           : FactorRegression::kMissing);
  }
  return result;
}

void regress_on_file(const Returns& own, const FactorReturns& factors, double per_year, Attribution& result) {
  FactorOverlap& overlap = *result.overlap;
  std::vector<std::vector<double>> regressors;
  for (const auto& series : factors.returns) regressors.push_back(values_at(own.dates, factors, series));
  const auto cash = factors.cash.empty() ? own.cash : values_at(own.dates, factors, factors.cash);
  const Regression fit = regress(over_cash(own.net, cash), regressors);
  overlap.run_periods = own.dates.size();
  overlap.common = fit.observations;
  overlap.needed = std::max(kFewestPeriods, kFewestACoefficient * (regressors.size() + 1));
  if (overlap.common >= overlap.needed) result.factors = describe_fit(fit, factors.names, per_year);
}

}  // namespace

Attribution attribute_returns(const PerformanceInputs& inputs, const FactorReturns* factors,
                              std::span<const Date> sessions) {
  Attribution result;
  result.universe = regress_on_universe(inputs);
  if (factors == nullptr) return result;
  const bool monthly = factors->frequency == FactorReturns::Frequency::kMonthly;
  FactorOverlap overlap;
  overlap.file = factors->file;
  overlap.monthly = monthly;
  overlap.percent = factors->unit == ReturnUnit::kPercent;
  overlap.own_cash_rate = !factors->cash.empty();
  overlap.first = factors->dates.front();
  overlap.last = factors->dates.back();
  result.overlap = overlap;
  regress_on_file(monthly ? monthly_returns(inputs, sessions) : daily_returns(inputs), *factors,
                  monthly ? kMonthsPerYear : inputs.periods_per_year, result);
  return result;
}

}  // namespace orrery
