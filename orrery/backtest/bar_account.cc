#include "orrery/backtest/bar_account.h"

#include <fmt/format.h>

#include <set>

#include "orrery/backtest/backtest_setup.h"
#include "orrery/backtest/history.h"
#include "orrery/base/error.h"
#include "orrery/execution/account_records.h"
#include "orrery/execution/kill_file.h"

namespace orrery {
namespace {

/// Returns the sessions of `rows` after the one that the account did last.
RowRange rows_left(const MarketData& market, RowRange rows, const std::optional<AccountSnapshot>& snapshot) {
  if (!snapshot) return rows;
  const std::size_t row = market.lower_row(snapshot->date);
  if (row >= market.rows() || market.dates[row] != snapshot->date) {
    throw user_error(ErrorCode::kNotFound,
                     fmt::format("the account's last session is {}, and the data has no such session",
                                 to_string(snapshot->date)));
  }
  if (row + 1 < rows.begin) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("the account's last session is {}, and the study's first with scores is {}: what "
                    "happened to its positions in between would be lost",
                    to_string(snapshot->date), to_string(market.dates[rows.begin])));
  }
  return {std::min(row + 1, rows.end), rows.end};
}

AccountJournal open_journal(const AccountPlace& place, const std::optional<AccountSnapshot>& snapshot) {
  return {place.disk, place.folder / kAccountJournal, snapshot ? snapshot->journal : ChainMark{}};
}

AuditLog open_audit(const AccountPlace& place, const std::vector<std::string>& symbols,
                    const std::optional<AccountSnapshot>& snapshot) {
  return {place.disk, place.folder / kAccountAudit, symbols, snapshot ? snapshot->audit : ChainMark{}};
}

/// Orders of the session that an earlier process did not finish.
std::set<std::uint64_t> orders_sent(const AccountJournal& journal,
                                    const std::optional<AccountSnapshot>& snapshot) {
  std::set<std::uint64_t> sent;
  for (const std::string_view line : journal.lines_found(snapshot ? snapshot->journal.lines : 0)) {
    if (kind_of_record(line) == "order") sent.insert(parse_order(line).id);
  }
  return sent;
}

}  // namespace

struct BarAccount::Parts {
  Parts(const MarketData& market, const Panel& scores, Strategy& strategy, const BarAccountSettings& settings,
        const AccountPlace& place, const BrokerFactory& make_broker, WaitClock& wait_clock,
        const UncertaintyPanels& uncertainty)
      : books(place.folder / kAccountBooks, place.sqlite_file_system),
        snapshot(load_snapshot(books, market.symbols, Identities(market.renames))),
        journal(open_journal(place, snapshot)),
        audit(open_audit(place, market.symbols, snapshot)),
        rows(rows_left(market, session_rows(market, settings.trading), snapshot)),
        clock(market.dates, rows),
        feed(market, scores, feed_config(settings.trading), uncertainty),
        broker(make_broker({place.disk, place.folder, market, exchange_config(settings.trading),
                            snapshot ? snapshot->broker : "", settings.sync_orders})) {
    if (settings.trading.ladder) ladder.emplace(*settings.trading.ladder);
    if (settings.trading.order_checks) checks = settings.trading.order_checks(market.symbols);
    kill.emplace(checks.get(), place.disk, place.folder / kAccountKill, orders_sent(journal, snapshot));
    audited.emplace(&*kill, audit);
    TradingAccountSettings account_settings;
    account_settings.engine = engine_config(market, settings.trading);
    account_settings.opening_cash = to_money(settings.trading.initial_cash);
    account_settings.gateway.sync_orders = settings.sync_orders;
    account_settings.reconcile = settings.reconcile;
    account_settings.terms = settings.terms;
    account_settings.names = Identities(market.renames);
    account.emplace(account_settings,
                    TradingAccountParts{clock, feed, *broker, strategy, ladder ? &*ladder : nullptr,
                                        &*audited, &audit, books, journal, wait_clock},
                    snapshot);
    left = rows.size();
  }

  AccountDatabase books;
  const std::optional<AccountSnapshot> snapshot;
  AccountJournal journal;
  AuditLog audit;
  const RowRange rows;
  SessionClock clock;
  HistoryFeed feed;
  std::unique_ptr<BrokerService> broker;
  std::optional<DrawdownLadder> ladder;
  std::unique_ptr<OrderCheck> checks;
  std::optional<KillFile> kill;
  std::optional<AuditedChecks> audited;
  std::optional<TradingAccount> account;
  std::size_t left = 0;
};

BarAccount::BarAccount(const MarketData& market, const Panel& scores, Strategy& strategy,
                       const BarAccountSettings& settings, const AccountPlace& place,
                       const BrokerFactory& broker, WaitClock& clock, const UncertaintyPanels& uncertainty) {
  check_backtest(market, scores, settings.trading);
  parts_ = std::make_unique<Parts>(market, scores, strategy, settings, place, broker, clock, uncertainty);
}

BarAccount::~BarAccount() = default;

std::size_t BarAccount::sessions_left() const { return parts_->left; }

std::optional<SessionReport> BarAccount::step() {
  const auto report = parts_->account->step();
  if (report) --parts_->left;
  return report;
}

bool BarAccount::can_obey() const { return parts_->account->can_obey(); }
bool BarAccount::obey(const AccountCommand& command) { return parts_->account->obey(command); }
void BarAccount::take_terms(const std::string& terms, std::string_view change) {
  parts_->account->take_terms(terms, change);
}
TradingMode BarAccount::mode() const { return parts_->account->mode(); }
int BarAccount::risk_level() const { return parts_->ladder ? parts_->ladder->level() : 0; }
std::span<const RiskEvent> BarAccount::risk_events() const {
  return parts_->ladder ? parts_->ladder->events() : std::span<const RiskEvent>();
}
std::span<const BookDifference> BarAccount::adopted() const { return parts_->account->adopted(); }
std::uint64_t BarAccount::cut_bytes() const { return parts_->journal.cut_bytes(); }

}  // namespace orrery
