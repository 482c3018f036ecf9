#pragma once

#include "orrery/backtest/backtest.h"
#include "orrery/backtest/currency_profits.h"
#include "orrery/data/table.h"
#include "orrery/execution/tax_lots.h"

namespace orrery {

/// Tables of a run folder. Amounts stand twice: as doubles for readers, and as exact 64-bit integers in
/// columns `*_micros`, which `orrery journal verify` reads.

/// trades.parquet: date, kind, symbol, side, quantity, price, value, commission, slippage, realised, reason,
/// order_id, quantity_micros, price_micros, value_micros, commission_micros, slippage_micros; with bookings
/// at a rate (funding, fees of borrowing, interest) also rate and rate_billionths. One row per journal entry:
/// deposits, trades, dividends, splits, cash in lieu, delistings, funding, fees of borrowing, interest.
Table trades_table(const BacktestResult& result);

/// equity.parquet: date, equity, cash, net_return, gross_return, commission, slippage, turnover_one_way,
/// turnover_two_way, long_exposure, short_exposure, positions, equity_micros, cash_micros; with funding
/// also funding, with interest or fees of borrowing also financing.
Table equity_table(const BacktestResult& result);

/// positions.parquet: date, symbol, quantity, price, value, quantity_micros, price_micros. One row per held
/// name and session: the closing prices that the books need.
Table positions_table(const BacktestResult& result);

/// weights.parquet: date, symbol, weight, score, rank, reason. Score: NaN where the name has none.
Table weights_table(const BacktestResult& result);

/// date, from, to, drawdown, cause: the drawdown ladder's changes of level.
Table risk_events_table(const BacktestResult& result);

/// order_checks.parquet: date, symbol, side, quantity, verdict (refused, warned), rule, figures, order_id.
/// One row for everything that an order check had to say.
Table order_checks_table(const BacktestResult& result);

/// realised_lots.parquet: date (of the sale), symbol, acquired, held_since, quantity (negative: was short),
/// proceeds, cost, gain, disallowed, recognised, term (long, short), lot. One row for each lot, or part of
/// one, that was sold; what a wash sale defers is disallowed.
Table realised_lots_table(const std::vector<std::string>& symbols, const std::vector<RealisedLot>& lots);

/// currencies.parquet: date, currency, rate, exposure, price_profit, exchange_profit; as CurrencyDay.
Table currencies_table(const std::vector<CurrencyDay>& days);

/// unfilled.parquet: date, symbol, side, quantity, reason, order_id.
Table unfilled_table(const BacktestResult& result);

}  // namespace orrery
