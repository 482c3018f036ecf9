#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/backtest/simulated_exchange.h"
#include "orrery/base/progress.h"
#include "orrery/execution/engine.h"
#include "orrery/execution/journal.h"
#include "orrery/execution/order_check.h"
#include "orrery/market/factor_frame.h"
#include "orrery/market/market_data.h"
#include "orrery/portfolio/strategy.h"
#include "orrery/risk/drawdown_ladder.h"

namespace orrery {

enum class FillPrice : std::uint8_t { kClose, kOpen, kVwap };

/// Makes the order checks of one run from the symbols that its instruments index. Errors: of their settings.
using OrderCheckFactory = std::function<std::unique_ptr<OrderCheck>(std::span<const std::string> symbols)>;

struct BacktestConfig {
  double initial_cash = 1e6;
  FillPrice price = FillPrice::kClose;
  int delay = 1;        ///< sessions from the decision (after the close of t) to its fills, >= 1
  PricedOrders priced;  ///< orders with a limit or a stop; nothing: none
  int slices = 1;       ///< sessions that a decision is traded over
  std::optional<double> slice_volume_share;  ///< as of EngineConfig
  Costs costs;
  bool fractional = true;  ///< false: whole shares only
  std::optional<double>
      max_volume_share;  ///< order size limit: share of the 20-session average volume before
  std::optional<double> max_bar_share = 1.0;  ///< fill limit: share of the bar's own volume
  int delist_after = 5;  ///< sessions in a row without a bar after which a position is closed
  double unknown_delisting_return = 0.0;  ///< where no record gives one; run with 0 and -0.30 to see both
  std::optional<LadderSettings> ladder;   ///< nothing: the strategy's weights are traded as they are
  OrderCheckFactory order_checks;         ///< nothing: every order is sent
  FinancingRates financing;  ///< of borrowed shares (not of perpetual futures) and money; all 0: free
  std::map<std::string, double> borrow_by_symbol;  ///< annual rates in the place of financing.borrow
  RowRange rows;  ///< sessions to run; empty: all. The first decision is after rows.begin
};

/// The account after one session's close.
struct DailyRow {
  Date date;
  Money equity;
  Money cash;
  double net_return = 0.0;    ///< equity / previous equity - 1 (the first: over the initial cash)
  double gross_return = 0.0;  ///< the same with the day's commission and slippage added back
  Money commission;
  Money slippage;
  Money funding;    ///< received less paid; in both returns
  Money financing;  ///< interest earned less interest and fees of borrowing paid; in both returns
  double turnover_one_way = 0.0;  ///< half of two-way
  double turnover_two_way = 0.0;  ///< (bought + sold) / previous equity
  double long_exposure = 0.0;     ///< of equity
  double short_exposure = 0.0;    ///< of equity, not positive
  std::size_t positions = 0;
};

/// A target of one decision.
struct WeightRow {
  Date date;  ///< session after whose close it was decided
  std::uint32_t instrument = 0;
  double weight = 0.0;
  double score = 0.0;
  int rank = 0;  ///< 1 is the best; 0: no score
  std::string_view reason;
  double asked =
      std::numeric_limits<double>::quiet_NaN();  ///< before the drawdown ladder; NaN: it changed nothing
};

/// A position after a session's close.
struct PositionRow {
  Date date;
  std::uint32_t instrument = 0;
  Quantity quantity;
  Money mark;  ///< raw price of one share; the last known one while halted
};

/// Plain results; instruments index `symbols`.
struct BacktestResult {
  std::vector<std::string> symbols;
  Money initial_cash;
  std::vector<DailyRow> daily;
  std::vector<JournalEntry> journal;  ///< every booking, in order
  std::vector<UnfilledOrder> unfilled;
  std::vector<WeightRow> weights;          ///< of every rebalance, by date, then rank
  std::vector<WeightRow> recommendations;  ///< targets after the last session, without the names to be closed
  std::vector<PositionRow> positions;      ///< by date, then instrument
  std::vector<RiskEvent> risk_events;      ///< changes of the drawdown ladder's level
  std::vector<OrderFinding> findings;      ///< of the order checks
  bool unknown_delistings = false;         ///< `unknown_delisting_return` was used at least once
  Money commission, slippage, dividends, realised, funding;  ///< totals of the ledger
  Money borrow_fees, interest;                               ///< paid; earned less paid
};

/// Runs a strategy over history with the one engine: clock, feed and exchange are made from `market`, scores
/// from `scores` (same rows and columns; NaN: none), with how sure they are from `uncertainty`. Signals after
/// the close of t trade at t + delay. Row t of the result depends on rows <= t only. Errors: kInvalidArgument
/// for a configuration that can't be.
BacktestResult run_backtest(const MarketData& market, const Panel& scores, Strategy& strategy,
                            const BacktestConfig& config, Progress& progress = silent_progress(),
                            const UncertaintyPanels& uncertainty = {});

/// Reads "close", "open" or "vwap". Errors: kInvalidArgument.
FillPrice parse_fill_price(std::string_view name);

}  // namespace orrery
