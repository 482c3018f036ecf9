#include "orrery/backtest/backtest_setup.h"

#include <fmt/format.h>

#include <string>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"

namespace orrery {
namespace {

void require(bool condition, const std::string& message) {
  if (!condition) throw user_error(ErrorCode::kInvalidArgument, message);
}

OrderType order_type(FillPrice price) {
  switch (price) {
    case FillPrice::kClose:
      return OrderType::kMarketOnClose;
    case FillPrice::kOpen:
      return OrderType::kMarketOnOpen;
    case FillPrice::kVwap:
      return OrderType::kVwap;
  }
  return OrderType::kMarketOnClose;
}

Quantity lot_of(const BacktestConfig& config) { return config.fractional ? kMicroShare : kWholeShare; }

/// A perpetual future is sold short without borrowing it.
FinancingRates financing_of(const MarketData& market, const BacktestConfig& config) {
  FinancingRates rates = config.financing;
  if (config.borrow_by_symbol.empty() && (rates.borrow == 0.0 || market.funding.empty())) return rates;
  check_borrow_symbols(market, config);
  rates.borrow_of.assign(market.instruments(), rates.borrow);
  for (const FundingPayment& payment : market.funding) rates.borrow_of[payment.instrument] = 0.0;
  for (const auto& [symbol, rate] : config.borrow_by_symbol)
    rates.borrow_of[*market.find_symbol(symbol)] = rate;
  return rates;
}

}  // namespace

void check_borrow_symbols(const MarketData& market, const BacktestConfig& config) {
  for (const auto& [symbol, rate] : config.borrow_by_symbol) {
    if (market.find_symbol(symbol)) continue;
    throw user_error(ErrorCode::kNotFound, fmt::format("financing.borrow_by_symbol: the data have no '{}'{}",
                                                       symbol, did_you_mean(symbol, market.symbols)));
  }
}

void check_backtest(const MarketData& market, const Panel& scores, const BacktestConfig& config) {
  require(scores.rows() == market.rows() && scores.columns() == market.instruments(),
          fmt::format("scores must have the data's {} rows and {} columns; found {} and {}", market.rows(),
                      market.instruments(), scores.rows(), scores.columns()));
  require(config.rows.end <= market.rows() && config.rows.begin <= config.rows.end,
          fmt::format("the backtest's rows must lie within [0, {}); found [{}, {})", market.rows(),
                      config.rows.begin, config.rows.end));
  require(config.initial_cash > 0.0,
          fmt::format("initial_cash must be above 0; found {}", config.initial_cash));
  require(config.delist_after >= 1,
          fmt::format("delist_after must be at least 1; found {}", config.delist_after));
  require(config.unknown_delisting_return >= -1.0 && config.unknown_delisting_return <= 10.0,
          fmt::format("unknown_delisting_return must lie in [-1, 10]; found {}",
                      config.unknown_delisting_return));
  require(
      market.funding.empty() || config.price != FillPrice::kVwap,
      "execution.price: vwap has no moment in the day that could tell whether funding of perpetual futures "
      "is paid before a fill or after it; take close or open");
  const bool rests_all_day = config.priced.offset && config.priced.type != OrderType::kLimitOnClose;
  require(
      market.funding.empty() || !rests_all_day,
      "execution.order: a limit or stop order has no moment in the day that could tell whether funding of "
      "perpetual futures is paid before its fill or after it; take limit_on_close");
  market.raw_field("close");
  if (rests_all_day) {
    for (const char* field : {"open", "high", "low"}) market.raw_field(field);
  }
  if (config.price == FillPrice::kOpen) market.raw_field("open");
  if (config.price == FillPrice::kVwap && !market.raw.contains("vwap")) {
    market.raw_field("high");
    market.raw_field("low");
  }
}

EngineConfig engine_config(const MarketData& market, const BacktestConfig& config) {
  EngineConfig engine;
  engine.delay = config.delay;
  engine.order_type = order_type(config.price);
  engine.lot = lot_of(config);
  engine.max_volume_share = config.max_volume_share;
  engine.financing = financing_of(market, config);
  engine.priced = config.priced;
  engine.slices = config.slices;
  engine.slice_volume_share = config.slice_volume_share;
  return engine;
}

RowRange session_rows(const MarketData& market, const BacktestConfig& config) {
  return config.rows.empty() ? RowRange{0, market.rows()} : config.rows;
}

ExchangeConfig exchange_config(const BacktestConfig& config) {
  return {config.costs, lot_of(config), config.max_bar_share};
}

HistoryFeedConfig feed_config(const BacktestConfig& config) {
  return {config.delist_after, config.unknown_delisting_return, config.price == FillPrice::kOpen};
}

}  // namespace orrery
