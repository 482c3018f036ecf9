#include "orrery/backtest/backtest.h"

#include <fmt/format.h>

#include <algorithm>

#include "orrery/backtest/backtest_setup.h"
#include "orrery/backtest/daily_row.h"
#include "orrery/backtest/history.h"
#include "orrery/base/error.h"

namespace orrery {
namespace {

/// Keeps what the engine writes down, as a result.
class Recorder final : public Journal {
 public:
  explicit Recorder(BacktestResult& result) : result_(result), previous_equity_(result.initial_cash) {}

  void append(const JournalEntry& entry) override {
    result_.journal.push_back(entry);
    if (entry.reason == kUnknownDelisting) result_.unknown_delistings = true;
  }
  void append(const UnfilledOrder& order) override { result_.unfilled.push_back(order); }
  void note(const OrderFinding& finding) override { result_.findings.push_back(finding); }
  void append(const Session& decided, const Decision& decision) override {
    result_.recommendations.clear();
    for (const Target& target : decision.targets) {
      const WeightRow row{decided.date, target.instrument, target.weight, target.score,
                          target.rank,  target.reason,     target.asked};
      result_.weights.push_back(row);
      if (target.weight != 0.0) result_.recommendations.push_back(row);
    }
  }

  void record_session(const SessionReport& report, std::span<const Position> positions) {
    result_.daily.push_back(daily_row(report, previous_equity_));
    previous_equity_ = report.equity;
    for (const Position& position : positions) {
      result_.positions.push_back(
          {report.session.date, position.instrument, position.quantity, position.mark});
    }
  }

 private:
  BacktestResult& result_;
  Money previous_equity_;
};

void open_account(Money cash, const Session& session, Ledger& ledger, Journal& journal) {
  ledger.deposit(cash);
  JournalEntry entry;
  entry.session = session;
  entry.kind = EntryKind::kDeposit;
  entry.value = cash;
  entry.reason = "initial cash";
  journal.append(entry);
}

void record_totals(const Ledger& ledger, BacktestResult& result) {
  result.commission = ledger.balance(Account::kCommission);
  result.slippage = ledger.balance(Account::kSlippage);
  result.dividends = -ledger.balance(Account::kDividends);
  result.funding = -ledger.balance(Account::kFunding);
  result.borrow_fees = ledger.balance(Account::kBorrowFees);
  result.interest = -ledger.balance(Account::kInterest);
  result.realised = -ledger.balance(Account::kRealised);
}

}  // namespace

BacktestResult run_backtest(const MarketData& market, const Panel& scores, Strategy& strategy,
                            const BacktestConfig& config, Progress& progress,
                            const UncertaintyPanels& uncertainty) {
  check_backtest(market, scores, config);
  const RowRange rows = session_rows(market, config);
  BacktestResult result;
  result.symbols = market.symbols;
  result.initial_cash = to_money(config.initial_cash);
  if (rows.empty()) return result;

  SessionClock clock(market.dates, rows);
  HistoryFeed feed(market, scores, feed_config(config), uncertainty);
  SimulatedExchange exchange(market, clock, exchange_config(config));
  Ledger ledger(market.instruments());
  Recorder recorder(result);
  open_account(result.initial_cash, {rows.begin, market.dates[rows.begin]}, ledger, recorder);
  std::optional<DrawdownLadder> ladder;
  if (config.ladder) ladder.emplace(*config.ladder);
  const auto checks = config.order_checks ? config.order_checks(market.symbols) : nullptr;
  Engine engine(engine_config(market, config), clock, feed, exchange, strategy, ledger, recorder,
                ladder ? &*ladder : nullptr, checks.get());

  progress.begin("backtest", rows.size());
  while (const auto report = engine.step()) {
    recorder.record_session(*report, ledger.positions());
    progress.advance();
  }
  progress.end();
  record_totals(ledger, result);
  if (ladder) result.risk_events.assign(ladder->events().begin(), ladder->events().end());
  return result;
}

FillPrice parse_fill_price(std::string_view name) {
  if (name == "close") return FillPrice::kClose;
  if (name == "open") return FillPrice::kOpen;
  if (name == "vwap") return FillPrice::kVwap;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("a fill price must be close, open or vwap; found '{}'", name));
}

}  // namespace orrery
