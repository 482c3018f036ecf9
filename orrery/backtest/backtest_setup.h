#pragma once

#include "orrery/backtest/backtest.h"
#include "orrery/backtest/history.h"
#include "orrery/backtest/simulated_exchange.h"
#include "orrery/execution/engine.h"

namespace orrery {

/// What a backtest's settings mean for the parts of the engine; the same for an account on bars.
/// Errors of check_backtest: kInvalidArgument for settings that can't be, or that the market has no prices
/// for.
void check_backtest(const MarketData& market, const Panel& scores, const BacktestConfig& config);
EngineConfig engine_config(const MarketData& market, const BacktestConfig& config);
/// Errors: kNotFound for a symbol with a rate of borrowing that the market has not, with the nearest.
void check_borrow_symbols(const MarketData& market, const BacktestConfig& config);
ExchangeConfig exchange_config(const BacktestConfig& config);
HistoryFeedConfig feed_config(const BacktestConfig& config);
RowRange session_rows(const MarketData& market, const BacktestConfig& config);

}  // namespace orrery
