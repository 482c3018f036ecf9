#pragma once

#include <string>
#include <vector>

#include "orrery/backtest/backtest.h"
#include "orrery/base/date.h"
#include "orrery/market/market_data.h"

namespace orrery {

/// What the names of one currency did to the account in one session, in the account's currency.
struct CurrencyDay {
  Date date;
  std::string currency;
  double rate = 1.0;             ///< of the close: units of the account's currency for one; NaN: none
  double exposure = 0.0;         ///< value of the positions, long less short, of the equity after the close
  double price_profit = 0.0;     ///< what prices, dividends and funding earned, before costs
  double exchange_profit = 0.0;  ///< what the change of the rate earned on what was held overnight
};

/// Splits the profit of a backtest by the currencies that its names are traded in, one row a session and
/// currency that has a name in the market, in the order of dates and currencies. Exchange profit: the value
/// of a position after the last session × (rate / rate then − 1), where both are of sessions with a bar,
/// because a name without one keeps its value; price profit: all else that the name did, so that (1 + return)
/// = (1 + return in its own currency) × (1 + change of the rate). The sum of both over all rows, less
/// commission and slippage, with fees of borrowing and interest, is the change of equity. Empty for a market
/// whose currencies nobody says. Source: Brinson and Singer, "Global performance attribution" (1994).
std::vector<CurrencyDay> currency_profits(const BacktestResult& result, const MarketData& market);

}  // namespace orrery
