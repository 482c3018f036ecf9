#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>

#include "orrery/market/market_data.h"

namespace orrery {

/// Which currencies the prices of a market are in, and which one its account is in.
struct CurrencySource {
  std::string account;                    ///< "": nobody says, and prices stay as they are
  std::map<std::string, std::string> of;  ///< currency by symbol
  std::filesystem::path file;             ///< instead of `of`: a table with `symbol, currency`
  std::filesystem::path rates;            ///< as ExchangeRates reads them
  std::string base;                       ///< of a table of rates with a column of each currency

  bool empty() const { return account.empty(); }
};

/// What was found.
struct CurrencyCounts {
  std::map<std::string, std::size_t> instruments;  ///< by currency, the account's included
  std::size_t unused = 0;                          ///< symbols with a currency that the market has not
};

/// Puts a market into the currency of its account: all that is money (open, high, low, close and vwap, raw
/// and as fields, `amount`, dividends, mark prices of funding) is multiplied by the session's rate, so that
/// returns are those of a holder who counts in that currency. Symbols of which nothing is said are in it
/// already. Fills market.account_currency, market.currencies and the field `exchange_rate`, by which a factor
/// gets local prices back (`$close/$exchange_rate`). Other fields stay as they are.
///
/// The rate is that of the session's day, or the last before it (ExchangeRates::kMostDays). Source:
/// IAS 21.21-23, transactions at the spot rate of their day, what is held at the closing rate. Errors: of the
/// tables; kInvalidArgument for a symbol that stands there twice, for a currency without a way to the
/// account's, and, with the name and the day, for a bar without a rate.
CurrencyCounts to_account_currency(const CurrencySource& source, MarketData& market);

}  // namespace orrery
