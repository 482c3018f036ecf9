#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "orrery/execution/account_journal.h"
#include "orrery/execution/account_snapshot.h"
#include "orrery/execution/account_store.h"
#include "orrery/execution/audit_log.h"
#include "orrery/execution/engine.h"
#include "orrery/execution/order_gateway.h"
#include "orrery/execution/reconcile.h"

namespace orrery {

struct TradingAccountSettings {
  EngineConfig engine;
  Money opening_cash;  ///< of a new account
  GatewaySettings gateway;
  ReconcilePolicy reconcile = ReconcilePolicy::kStop;
  std::string terms;  ///< of a new account, in its owner's words; kept with every snapshot
  Identities names;   ///< the renames that the data knows
};

/// What a person may ask of an account.
enum class CommandKind : std::uint8_t {
  kPause,    ///< no more orders; decisions on their way are dropped
  kResume,   ///< trade again, after a pause or a flattening
  kFlatten,  ///< close everything at the next session, and stay out
  kConfirm,  ///< let the drawdown ladder lead back into the market
};

struct AccountCommand {
  std::uint64_t number = 0;  ///< ascending; one that was done before is not done again
  CommandKind kind = CommandKind::kPause;
};

/// Returns "pause", "resume", "flatten" or "confirm".
std::string_view to_string(CommandKind kind);

/// The parts of an account, which have to outlive it.
struct TradingAccountParts {
  Clock& clock;  ///< begins with the session after the snapshot's
  MarketFeed& feed;
  BrokerService& broker;
  Strategy& strategy;
  RiskControl* risk = nullptr;
  OrderCheck* checks = nullptr;  ///< AuditedChecks where there is a log
  AuditLog* audit = nullptr;     ///< flushed with every session
  AccountStore& store;
  AccountJournal& journal;
  WaitClock& wait_clock;
};

/// The engine as an account that may be killed at any moment. Orders stand in the journal before they leave;
/// after each session its books and a snapshot are committed together. A new process goes on at the last
/// snapshot and does the session that was interrupted again, with the orders and answers that the journal
/// has: none is sent twice, none is lost. Before its first session, and after each, the books are compared
/// with the broker's; what is adopted is booked in the session that follows, or has just been, and checks
/// are told. Of what was ever booked, that which the data calls otherwise since is booked as a rename before
/// anything else of the next session; a broker may call a position by either symbol.
class TradingAccount {
 public:
  /// `snapshot`: nothing for a new account. Errors: as parse_snapshot; kDataCorrupt where the journal does
  /// not fit.
  TradingAccount(const TradingAccountSettings& settings, const TradingAccountParts& parts,
                 const std::optional<AccountSnapshot>& snapshot);
  ~TradingAccount();
  TradingAccount(const TradingAccount&) = delete;
  TradingAccount& operator=(const TradingAccount&) = delete;

  /// Does the next session and commits it. Returns nothing when the clock has none left. Errors: kUnavailable
  /// when the broker does not answer; kDataCorrupt where its books differ and the policy is to stop. After an
  /// error the object is done with; a new one goes on.
  std::optional<SessionReport> step();

  /// Whether it stands between two sessions: one that an earlier process began has to be finished first, and
  /// a new account opened.
  bool can_obey() const;
  /// Obeys a person. Returns whether there was something to do. Errors: kInternal where it can't.
  bool obey(const AccountCommand& command);

  /// Trades by other terms from here on; `change` says in the journal what is different. Between two
  /// sessions, as obey().
  void take_terms(const std::string& terms, std::string_view change);

  TradingMode mode() const;
  const Ledger& ledger() const;
  /// Differences from the broker's books that were adopted so far by this object.
  std::span<const BookDifference> adopted() const;

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

/// Reads the snapshot of a store. Errors: as parse_snapshot.
std::optional<AccountSnapshot> load_snapshot(AccountStore& store, std::span<const std::string> symbols,
                                             const Identities& renames = Identities());

}  // namespace orrery
