#include "orrery/app/run_currencies.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace orrery {
namespace {

CurrencyResult sum_up(const std::string& currency, const std::vector<CurrencyDay>& days,
                      double opening_cash) {
  CurrencyResult result;
  result.currency = currency;
  result.rate_first = result.rate_last = std::nan("");
  std::size_t sessions = 0;
  for (const CurrencyDay& day : days) {
    if (day.currency != currency) continue;
    ++sessions;
    result.exposure += day.exposure;
    result.price_profit += day.price_profit / opening_cash;
    result.exchange_profit += day.exchange_profit / opening_cash;
    if (std::isnan(day.rate)) continue;
    if (std::isnan(result.rate_first)) result.rate_first = day.rate;
    result.rate_last = day.rate;
  }
  if (sessions > 0) result.exposure /= static_cast<double>(sessions);
  return result;
}

}  // namespace

CurrencyReport currency_report(const std::vector<CurrencyDay>& days, const MarketData& market,
                               const BacktestConfig& config) {
  std::map<std::string, std::size_t> names;
  for (const std::string& currency : market.currencies) ++names[currency];
  CurrencyReport report;
  report.account = market.account_currency;
  report.exchange_bps = config.costs.exchange_bps;
  for (const auto& [currency, count] : names) {
    report.results.push_back(sum_up(currency, days, config.initial_cash));
    report.results.back().names = count;
  }
  std::sort(report.results.begin(), report.results.end(),
            [&](const CurrencyResult& left, const CurrencyResult& right) {
              const bool left_is_account = left.currency == report.account;
              const bool right_is_account = right.currency == report.account;
              if (left_is_account != right_is_account) return left_is_account;
              return std::abs(left.exposure) > std::abs(right.exposure);
            });
  return report;
}

}  // namespace orrery
