#include <algorithm>
#include <cmath>

#include "orrery/backtest/backtest.h"
#include "orrery/backtest/capacity.h"
#include "orrery/base/statistics.h"
#include "orrery/market/market_data.h"
#include "orrery/market/trailing_volume.h"

namespace orrery {
namespace {

/// Deviation of the last kVolumeSessions returns up to and with `row`; NaN where too few are there.
double trailing_volatility(const Panel& close, std::size_t row, std::size_t instrument) {
  std::vector<double> returns;
  for (std::size_t r = row; r > 0 && r + kVolumeSessions > row; --r) {
    const double change = close(r, instrument) / close(r - 1, instrument) - 1.0;
    if (std::isfinite(change)) returns.push_back(change);
  }
  std::reverse(returns.begin(), returns.end());
  return returns.size() < kFewestImpactReturns ? Panel::missing() : standard_deviation(returns);
}

}  // namespace

std::vector<ImpactTrade> impact_trades(const MarketData& market, const BacktestResult& result) {
  std::vector<ImpactTrade> trades;
  if (result.daily.empty()) return trades;
  const Panel& close = market.raw_field("close");
  const Panel& volume = market.raw_field("volume");
  const Panel& adjusted = market.field("close");
  const std::size_t first = market.lower_row(result.daily.front().date);
  for (const JournalEntry& entry : result.journal) {
    if (entry.kind != EntryKind::kTrade) continue;
    const std::size_t row = entry.session.row;
    const Money before = row == first ? result.initial_cash : result.daily[row - first - 1].equity;
    ImpactTrade trade;
    trade.period = row - first;
    trade.equity_share = std::abs(entry.value.units()) / before.units();
    const bool history = row > 0;
    trade.daily_value =
        history ? trailing_dollar_volume(close, volume, row - 1, entry.instrument) : Panel::missing();
    trade.volatility = history ? trailing_volatility(adjusted, row - 1, entry.instrument) : Panel::missing();
    trades.push_back(trade);
  }
  return trades;
}

}  // namespace orrery
