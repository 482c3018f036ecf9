#pragma once

#include <string>
#include <vector>

#include "orrery/backtest/backtest.h"
#include "orrery/market/market_data.h"

namespace orrery {

/// A price that stands in an account's books as it no longer stands in the data.
struct RestatedPrice {
  Date date;
  std::string symbol;
  std::string what;  ///< "close" or "dividend"
  Money booked;
  Money now;  ///< of the data; zero for a dividend that is gone
};

/// Compares what the books were marked with, the closes of held names with a bar, and the dividends per share
/// that they booked with the data of now, by date, then as booked. Days and names that the data no longer
/// have are left out.
std::vector<RestatedPrice> find_restated_prices(const BacktestResult& books, const MarketData& market);

/// Says a restatement in words: "MSFT on 2024-03-01: close 101.5 was booked, the data now have 101.25".
std::string describe(const RestatedPrice& price);

}  // namespace orrery
