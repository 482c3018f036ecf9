#include "orrery/execution/trading_account.h"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/interned_text.h"
#include "orrery/execution/account_records.h"
#include "orrery/execution/repeated_records.h"
#include "orrery/market/symbol_order.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

/// Returns what an entry that is no trade did, for a broker that does not know.
AccountChange change_of(const JournalEntry& entry, std::span<const std::string> symbols,
                        std::uint64_t number) {
  AccountChange change;
  change.date = entry.session.date;
  change.number = number;
  change.kind = entry.kind;
  if (entry.instrument != kNoInstrument) change.symbol = symbols[entry.instrument];
  switch (entry.kind) {
    case EntryKind::kSplit:
      change.quantity = entry.quantity;
      break;
    case EntryKind::kCashInLieu:
    case EntryKind::kDelisting:
      change.quantity = entry.side == OrderSide::kBuy ? entry.quantity : -entry.quantity;
      change.cash = entry.side == OrderSide::kBuy ? -entry.value : entry.value;
      break;
    case EntryKind::kRename:
      change.quantity = entry.quantity;
      change.former = entry.reason;
      break;
    default:
      change.cash = entry.value;
  }
  return change;
}

/// What an earlier process left of a session that it did not finish.
struct Interruption {
  std::string date;
  std::vector<BookDifference> adopted;  ///< before it
  std::vector<std::string_view> records;
};

Json adoption_record(std::span<const BookDifference> differences) {
  Json rows = Json::array();
  for (const BookDifference& each : differences) rows.push_back({each.symbol, each.ours, each.brokers});
  return {{"kind", "adopted"}, {"differences", rows}};
}

std::vector<BookDifference> adoption_of(std::string_view record) {
  std::vector<BookDifference> differences;
  const Json read = Json::parse(record);
  for (const Json& row : read.at("differences")) {
    differences.push_back({row.at(0), row.at(1), row.at(2)});
  }
  return differences;
}

/// What is adopted before a session stands in front of it.
std::optional<Interruption> find_interruption(const AccountJournal& journal, std::uint64_t committed) {
  std::optional<Interruption> found;
  std::vector<BookDifference> adopted;
  for (const std::string_view line : journal.lines_found(committed)) {
    const std::string kind = kind_of_record(line);
    if (kind == "session") {
      found = Interruption{Json::parse(line).at("date").get<std::string>(), adopted, {}};
    } else if (found) {
      found->records.push_back(line);
    } else if (kind == "adopted") {
      adopted = adoption_of(line);
    }
  }
  return found;
}

}  // namespace

class TradingAccount::Work {
 public:
  Work(const TradingAccountSettings& settings, const TradingAccountParts& parts,
       const std::optional<AccountSnapshot>& snapshot)
      : settings_(settings),
        parts_(parts),
        symbols_(parts.feed.symbols()),
        is_new_(!snapshot),
        clock_(*this),
        journal_(*this),
        ledger_(symbols_.size()),
        gateway_(settings.gateway, parts.broker, parts.journal, parts.wait_clock, symbols_,
                 snapshot ? snapshot->last_answer : 0, snapshot ? snapshot->engine.last_order_id : 0) {
    if (is_new_) {
      ledger_.deposit(settings.opening_cash);
      terms_ = settings.terms;
    } else {
      unbooked_names_ = broker_names_ = snapshot->book_names;
      booked_since_ = snapshot->booked_since;
      ledger_.restore(snapshot->ledger);
      parts_.strategy.restore(snapshot->strategy, symbols_);
      if (parts_.risk != nullptr && !snapshot->risk.empty()) parts_.risk->restore(snapshot->risk, symbols_);
      restore_checks(snapshot->checks);
      kept_checks_ = snapshot->checks;
      kept_risk_ = snapshot->risk;
      last_date_ = snapshot->date;
      last_command_ = snapshot->last_command;
      terms_ = snapshot->terms;
    }
    engine_.emplace(settings.engine, clock_, parts_.feed, gateway_, parts_.strategy, ledger_, journal_,
                    parts_.risk, parts_.checks);
    if (snapshot) engine_->restore(snapshot->engine);
    interruption_ = find_interruption(parts_.journal, snapshot ? snapshot->journal.lines : 0);
    if (interruption_) {
      gateway_.resume(interruption_->records);
      for (const std::string_view line : interruption_->records) {
        const std::string kind = kind_of_record(line);
        if (kind == "refused" || kind == "warned" || kind == "adopted") said_.expect(record_of(line));
      }
    }
    parts_.journal.forget_lines_found();
  }

  std::optional<SessionReport> step() {
    session_ = SessionRecord{};
    changes_ = 0;
    const auto report = engine_->step();
    if (!report) return std::nullopt;
    session_.report = *report;
    reconcile(gateway_.close_session());
    session_.positions.assign(ledger_.positions().begin(), ledger_.positions().end());
    last_date_ = report->session.date;
    parts_.journal.sync();
    commit(&session_);
    parts_.journal.append(Json{{"kind", "closed"},
                               {"date", to_string(last_date_)},
                               {"equity_micros", session_.report.equity.micros},
                               {"cash_micros", session_.report.cash.micros}}
                              .dump());
    is_new_ = false;
    return session_.report;
  }

  bool can_obey() const { return !interruption_ && !is_new_; }

  bool obey(const AccountCommand& command) {
    if (!can_obey()) throw internal_error("an account obeys only between two sessions");
    if (command.number <= last_command_) return false;
    const bool changed = carry_out(command.kind);
    last_command_ = command.number;
    parts_.journal.append(Json{
        {"kind", "command"},
        {"command", command.number},
        {"what", to_string(command.kind)},
        {"changed", changed}}.dump());
    parts_.journal.sync();
    commit(nullptr);
    return changed;
  }

  void take_terms(const std::string& terms, std::string_view change) {
    if (!can_obey()) throw internal_error("an account takes other terms only between two sessions");
    if (terms == terms_) return;
    terms_ = terms;
    parts_.journal.append(Json{{"kind", "terms"}, {"change", change}}.dump());
    parts_.journal.sync();
    commit(nullptr);
  }

  TradingMode mode() const { return engine_->state().mode; }
  const Ledger& ledger() const { return ledger_; }
  std::span<const BookDifference> adopted() const { return adopted_; }

 private:
  /// Tells the journal and the broker of a session before the engine sees it.
  class AnnouncedClock final : public Clock {
   public:
    explicit AnnouncedClock(Work& work) : work_(work) {}
    std::optional<Session> next() override {
      const auto session = work_.parts_.clock.next();
      if (session) work_.announce(*session);
      return session;
    }
    Session now() const override { return work_.parts_.clock.now(); }

   private:
    Work& work_;
  };

  /// Keeps what the engine writes down until the session is committed.
  class SessionJournal final : public Journal {
   public:
    explicit SessionJournal(Work& work) : work_(work) {}
    void append(const JournalEntry& entry) override { work_.record(entry); }
    void append(const UnfilledOrder& order) override { work_.session_.unfilled.push_back(order); }
    void note(const OrderFinding& finding) override { work_.note(finding); }
    void append(const Session&, const Decision& decision) override { work_.session_.decision = decision; }

   private:
    Work& work_;
  };

  void restore_checks(const std::string& state) {
    if (parts_.checks == nullptr) return;
    if (!state.empty()) parts_.checks->restore(state);
    parts_.checks->begin(
        [this](std::optional<Date> after) { return parts_.store.entries(after, symbols_, unbooked_names_); });
  }

  void announce(const Session& session) {
    const std::string date = to_string(session.date);
    std::vector<BookDifference> adopted;
    if (interruption_) {
      if (interruption_->date != date) {
        throw external_error(
            ErrorCode::kDataCorrupt,
            fmt::format(
                "the account was interrupted in the session of {}, and the data goes on with {}: give it "
                "the sessions that it had",
                interruption_->date, date));
      }
      adopted = std::move(interruption_->adopted);
      interruption_.reset();
    } else {
      if (!checked_opening_ && !is_new_) adopted = compare_opening();
      if (!adopted.empty()) parts_.journal.append(adoption_record(adopted).dump());
      parts_.journal.append(Json{{"kind", "session"}, {"date", date}}.dump());
      parts_.journal.sync();  // the broker may remember the session: then so has the account to
    }
    parts_.broker.open_session(session);
    if (is_new_ && session_.entries.empty()) {
      JournalEntry deposit;
      deposit.session = session;
      deposit.kind = EntryKind::kDeposit;
      deposit.value = settings_.opening_cash;
      deposit.reason = "initial cash";
      record(deposit);
    }
    book_renames(session);
    if (!adopted.empty()) adopt_before(session, adopted);
  }

  /// Books what the data calls otherwise than the books do. Who is killed before the session is committed
  /// leaves books with the symbols before, of which the next process books the same.
  void book_renames(const Session& session) {
    if (is_new_ || unbooked_names_.empty()) return;
    for (const std::string& former : parts_.store.booked_symbols()) {
      const auto instrument = find_symbol(symbols_, unbooked_names_.of(former));
      if (!instrument || symbols_[*instrument] == former) continue;
      JournalEntry entry;
      entry.session = session;
      entry.kind = EntryKind::kRename;
      entry.instrument = *instrument;
      if (const Position* held = ledger_.find(*instrument)) {
        entry.quantity = held->quantity;
        entry.price = held->mark;
      }
      entry.reason = interned(former);
      record(entry);
      if (parts_.checks != nullptr) parts_.checks->booked(entry);
    }
    unbooked_names_ = CurrentNames();
  }

  void adopt_before(const Session& session, std::span<const BookDifference> differences) {
    parts_.feed.open(session);
    for (const BookDifference& difference : differences) {
      adopt(difference, session, [this](std::uint32_t instrument) { return price_before(instrument); });
    }
  }

  /// Returns the last close before the session that is open, in shares of then.
  double price_before(std::uint32_t instrument) {
    Position one;
    one.instrument = instrument;
    std::vector<CorporateAction> actions;
    parts_.feed.collect_entitlements(std::span(&one, 1), actions);
    double price = parts_.feed.known_prices(instrument).last_close;
    for (const CorporateAction& action : actions) {
      if (action.kind == CorporateActionKind::kSplit) price *= action.amount;
    }
    return price;
  }

  /// What was refused stands in the journal beside what was sent.
  void note(const OrderFinding& finding) {
    session_.findings.push_back(finding);
    const bool of_account = finding.instrument == kNoInstrument;
    const Json record{{"kind", finding.refused ? "refused" : "warned"},
                      {"order", finding.order_id},
                      {"symbol", of_account ? "" : symbols_[finding.instrument]},
                      {"side", of_account ? "" : to_string(finding.side)},
                      {"quantity_micros", finding.shares.micros},
                      {"rule", finding.rule},
                      {"figures", finding.figures}};
    const std::string text = record.dump();
    if (!said_.repeats(text)) parts_.journal.append(text);
  }

  void record(const JournalEntry& entry) {
    session_.entries.push_back(entry);
    if (entry.kind == EntryKind::kTrade) return;
    // An interrupted session may not have known of a rename: its other changes keep their numbers.
    const bool counts = entry.kind != EntryKind::kRename;
    gateway_.apply(change_of(entry, symbols_, counts ? ++changes_ : 0));
  }

  /// The first session of a process begins only where the broker has what the account has, or its word is
  /// taken. One that was interrupted is compared when it is done.
  std::vector<BookDifference> compare_opening() {
    checked_opening_ = true;
    auto differences = compare(gateway_.open_books());
    if (!differences.empty() && settings_.reconcile == ReconcilePolicy::kStop) {
      stop("before its next session", differences);
    }
    return differences;
  }

  /// A broker may have learned of a rename before the account, or not yet.
  std::vector<BookDifference> compare(BrokerBooks books) const {
    auto differences = compare_books(ledger_, symbols_, books);
    if (differences.empty() || broker_names_.empty()) return differences;
    for (BrokerPosition& position : books.positions) position.symbol = broker_names_.of(position.symbol);
    return compare_books(ledger_, symbols_, books);
  }

  [[noreturn]] void stop(std::string_view when, std::span<const BookDifference> differences) const {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("the broker's books differ from the account's {}; nothing was booked; "
                                     "--reconcile adopt takes the broker's word:{}",
                                     when, describe(differences)));
  }

  void reconcile(const BrokerBooks& books) {
    const auto differences = compare(books);
    if (differences.empty()) return;
    if (settings_.reconcile == ReconcilePolicy::kStop) {
      stop(fmt::format("after the session of {}", to_string(session_.report.session.date)), differences);
    }
    const std::string record = adoption_record(differences).dump();
    if (!said_.repeats(record)) parts_.journal.append(record);
    for (const BookDifference& difference : differences) {
      adopt(difference, session_.report.session,
            [this](std::uint32_t instrument) { return parts_.feed.closes()[instrument]; });
    }
    session_.report.cash = ledger_.cash();
    session_.report.equity = ledger_.equity();
    session_.report.positions = ledger_.positions().size();
  }

  /// `price_of` gives the price of what the account does not hold.
  void adopt(const BookDifference& difference, const Session& session,
             const std::function<double(std::uint32_t)>& price_of) {
    JournalEntry entry;
    entry.session = session;
    entry.kind = EntryKind::kAdjustment;
    entry.reason = "taken over from the broker";
    if (difference.symbol.empty()) {
      entry.value.micros = difference.brokers - difference.ours;
      ledger_.adjust_cash(entry.value);
    } else {
      const auto instrument = find_symbol(symbols_, broker_names_.of(difference.symbol));
      if (!instrument) {
        throw user_error(
            ErrorCode::kNotFound,
            fmt::format("the broker holds a symbol of which the data has nothing: {}", difference.symbol));
      }
      entry.instrument = *instrument;
      entry.quantity.micros = difference.brokers - difference.ours;
      const Position* held = ledger_.find(*instrument);
      const double close = held != nullptr ? 0.0 : price_of(*instrument);
      entry.price = held != nullptr ? held->mark : close > 0.0 ? to_money(close) : Money{};
      ledger_.adjust(*instrument, entry.quantity, entry.price);
    }
    session_.entries.push_back(entry);
    if (parts_.checks != nullptr) parts_.checks->booked(entry);
    adopted_.push_back(difference);
  }

  bool carry_out(CommandKind kind) {
    const TradingMode before = mode();
    switch (kind) {
      case CommandKind::kPause:
        engine_->set_mode(TradingMode::kPaused);
        break;
      case CommandKind::kResume:
        engine_->set_mode(TradingMode::kOn);
        break;
      case CommandKind::kFlatten:
        engine_->set_mode(TradingMode::kFlatten);
        break;
      case CommandKind::kConfirm:
        return parts_.risk != nullptr && parts_.risk->confirm(last_date_);
    }
    return mode() != before;
  }

  void commit(const SessionRecord* session) {
    AccountSnapshot snapshot;
    snapshot.date = last_date_;
    snapshot.engine = engine_->state();
    snapshot.ledger = ledger_.state();
    snapshot.strategy = parts_.strategy.save(symbols_);
    // What this process has no part for is kept for one that has.
    snapshot.checks = kept_checks_;
    snapshot.risk = kept_risk_;
    if (parts_.checks != nullptr) {
      const std::string saved = parts_.checks->save();
      if (!saved.empty()) snapshot.checks = saved;
    }
    if (parts_.risk != nullptr) snapshot.risk = parts_.risk->save(symbols_);
    snapshot.broker = parts_.broker.bookmark();
    snapshot.journal = parts_.journal.mark();
    if (parts_.audit != nullptr) {
      parts_.audit->sync();
      snapshot.audit = parts_.audit->mark();
    }
    snapshot.last_answer = gateway_.last_answer();
    snapshot.last_command = last_command_;
    snapshot.terms = terms_;
    for (const Rename& rename : settings_.names.renames()) {
      if (rename.day > last_date_) snapshot.since[rename.from] = snapshot.since[rename.to] = rename.day;
    }
    if (session != nullptr) booked_since_ = snapshot.since;
    snapshot.booked_since = booked_since_;
    std::span<const RiskEvent> events;
    if (parts_.risk != nullptr) events = parts_.risk->events().subspan(committed_events_);
    parts_.store.commit(to_json(snapshot, symbols_), symbols_, session, events);
    committed_events_ += events.size();
  }

  const TradingAccountSettings settings_;
  const TradingAccountParts parts_;
  const std::span<const std::string> symbols_;
  bool is_new_;
  AnnouncedClock clock_;
  SessionJournal journal_;
  Ledger ledger_;
  OrderGateway gateway_;
  std::optional<Engine> engine_;
  std::optional<Interruption> interruption_;
  RepeatedRecords said_;  ///< findings of the interrupted session
  SessionRecord session_;
  std::string kept_checks_, kept_risk_;  ///< of the snapshot
  std::uint64_t changes_ = 0;            ///< told to the broker in this session
  Date last_date_;
  std::uint64_t last_command_ = 0;
  std::size_t committed_events_ = 0;
  std::vector<BookDifference> adopted_;
  bool checked_opening_ = false;
  std::string terms_;
  CurrentNames unbooked_names_;  ///< of what the books know, until they are told
  CurrentNames broker_names_;    ///< that its positions may stand under
  std::map<std::string, Date> booked_since_;
};

TradingAccount::TradingAccount(const TradingAccountSettings& settings, const TradingAccountParts& parts,
                               const std::optional<AccountSnapshot>& snapshot)
    : work_(std::make_unique<Work>(settings, parts, snapshot)) {}

TradingAccount::~TradingAccount() = default;

std::optional<SessionReport> TradingAccount::step() { return work_->step(); }
bool TradingAccount::can_obey() const { return work_->can_obey(); }
bool TradingAccount::obey(const AccountCommand& command) { return work_->obey(command); }
void TradingAccount::take_terms(const std::string& terms, std::string_view change) {
  work_->take_terms(terms, change);
}
TradingMode TradingAccount::mode() const { return work_->mode(); }
const Ledger& TradingAccount::ledger() const { return work_->ledger(); }
std::span<const BookDifference> TradingAccount::adopted() const { return work_->adopted(); }

std::string_view to_string(CommandKind kind) {
  switch (kind) {
    case CommandKind::kPause:
      return "pause";
    case CommandKind::kResume:
      return "resume";
    case CommandKind::kFlatten:
      return "flatten";
    case CommandKind::kConfirm:
      return "confirm";
  }
  return "";
}

std::optional<AccountSnapshot> load_snapshot(AccountStore& store, std::span<const std::string> symbols,
                                             const Identities& renames) {
  const auto saved = store.snapshot();
  if (!saved) return std::nullopt;
  return parse_snapshot(*saved, symbols, renames);
}

}  // namespace orrery
