#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace orrery {

/// What the names of one currency did over a run, in the account's.
struct CurrencyResult {
  std::string currency;
  std::size_t names = 0;                     ///< of the market
  double exposure = 0.0;                     ///< mean of the sessions, long less short, of equity
  double price_profit = 0.0;                 ///< of opening cash: prices, dividends and funding, before costs
  double exchange_profit = 0.0;              ///< of opening cash: what the rate did to what was held
  double rate_first = 0.0, rate_last = 0.0;  ///< units of the account's currency for one; NaN: none
};

/// Where not all names are traded in the account's currency.
struct CurrencyReport {
  std::string account;
  double exchange_bps = 0.0;            ///< what exchanging costs, of the value traded
  std::vector<CurrencyResult> results;  ///< the account's first, then by exposure
};

}  // namespace orrery
