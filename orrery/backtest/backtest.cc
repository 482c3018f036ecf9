#include "orrery/backtest/backtest.h"

#include <fmt/format.h>

#include <algorithm>

#include "orrery/backtest/history.h"
#include "orrery/base/error.h"

namespace orrery {
namespace {

void require(bool condition, const std::string& message) {
  if (!condition) throw user_error(ErrorCode::kInvalidArgument, message);
}

void check_inputs(const MarketData& market, const Panel& scores, const BacktestConfig& config) {
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
  market.raw_field("close");
  if (config.price == FillPrice::kOpen) market.raw_field("open");
  if (config.price == FillPrice::kVwap && !market.raw.contains("vwap")) {
    market.raw_field("high");
    market.raw_field("low");
  }
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

EngineConfig engine_config(const BacktestConfig& config) {
  EngineConfig engine;
  engine.delay = config.delay;
  engine.order_type = order_type(config.price);
  engine.lot = config.fractional ? kMicroShare : kWholeShare;
  engine.max_volume_share = config.max_volume_share;
  return engine;
}

RowRange session_rows(const MarketData& market, const BacktestConfig& config) {
  return config.rows.empty() ? RowRange{0, market.rows()} : config.rows;
}

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
    result_.daily.push_back(daily_row(report));
    previous_equity_ = report.equity;
    for (const Position& position : positions) {
      result_.positions.push_back(
          {report.session.date, position.instrument, position.quantity, position.mark});
    }
  }

 private:
  DailyRow daily_row(const SessionReport& report) const {
    const double before = previous_equity_.units();
    const double after = report.equity.units();
    DailyRow row;
    row.date = report.session.date;
    row.equity = report.equity;
    row.cash = report.cash;
    row.commission = report.commission;
    row.slippage = report.slippage;
    row.funding = report.funding;
    row.net_return = (report.equity - previous_equity_).units() / before;
    row.gross_return =
        (report.equity - previous_equity_ + report.commission + report.slippage).units() / before;
    row.turnover_two_way = (report.bought + report.sold).units() / before;
    row.turnover_one_way = row.turnover_two_way / 2.0;
    row.long_exposure = report.long_value.units() / after;
    row.short_exposure = report.short_value.units() / after;
    row.positions = report.positions;
    return row;
  }

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
  result.realised = -ledger.balance(Account::kRealised);
}

}  // namespace

BacktestResult run_backtest(const MarketData& market, const Panel& scores, Strategy& strategy,
                            const BacktestConfig& config, Progress& progress,
                            const UncertaintyPanels& uncertainty) {
  check_inputs(market, scores, config);
  const RowRange rows = session_rows(market, config);
  BacktestResult result;
  result.symbols = market.symbols;
  result.initial_cash = to_money(config.initial_cash);
  if (rows.empty()) return result;

  const EngineConfig engine_settings = engine_config(config);
  SessionClock clock(market.dates, rows);
  HistoryFeed feed(market, scores,
                   {config.delist_after, config.unknown_delisting_return, config.price == FillPrice::kOpen},
                   uncertainty);
  SimulatedExchange exchange(market, clock, {config.costs, engine_settings.lot, config.max_bar_share});
  Ledger ledger(market.instruments());
  Recorder recorder(result);
  open_account(result.initial_cash, {rows.begin, market.dates[rows.begin]}, ledger, recorder);
  std::optional<DrawdownLadder> ladder;
  if (config.ladder) ladder.emplace(*config.ladder);
  const auto checks = config.order_checks ? config.order_checks(market.symbols) : nullptr;
  Engine engine(engine_settings, clock, feed, exchange, strategy, ledger, recorder,
                ladder ? &*ladder : nullptr, checks.get());

  progress.begin("backtest", rows.size());
  while (const auto report = engine.step()) {
    recorder.record_session(*report, ledger.positions());
    progress.advance();
  }
  progress.end();
  record_totals(ledger, result);
  if (ladder) result.risk_events = ladder->events();
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
