#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "orrery/backtest/account_database.h"
#include "orrery/backtest/backtest.h"
#include "orrery/backtest/broker_registry.h"
#include "orrery/base/disk.h"
#include "orrery/base/wait_clock.h"
#include "orrery/execution/trading_account.h"

namespace orrery {

struct BarAccountSettings {
  BacktestConfig trading;  ///< as of a backtest; `rows`: sessions the account may do, from its first one on
  ReconcilePolicy reconcile = ReconcilePolicy::kStop;
  bool sync_orders = true;  ///< as of GatewaySettings
  std::string terms;        ///< as of TradingAccountSettings
};

/// Where an account's files are: books.sqlite, journal.log, audit.log and what its broker keeps.
struct AccountPlace {
  Disk& disk;
  std::filesystem::path folder;              ///< has to be there
  const char* sqlite_file_system = nullptr;  ///< one of SQLite's; null: the machine's
};

/// An account that trades the sessions of recorded bars with the engine, the feed and the settings of a
/// backtest, through a broker: on the same market and scores it does the same trades. Sessions that it did
/// before are not done again.
class BarAccount {
 public:
  using BrokerFactory = std::function<std::unique_ptr<BrokerService>(const BrokerContext&)>;

  /// The market, scores, strategy, disk and clock must outlive the account. Errors: as run_backtest and
  /// TradingAccount; kNotFound when the last session it did is not among the market's.
  BarAccount(const MarketData& market, const Panel& scores, Strategy& strategy,
             const BarAccountSettings& settings, const AccountPlace& place, const BrokerFactory& broker,
             WaitClock& clock, const UncertaintyPanels& uncertainty = {});
  ~BarAccount();
  BarAccount(const BarAccount&) = delete;
  BarAccount& operator=(const BarAccount&) = delete;

  /// Sessions that are still to be done.
  std::size_t sessions_left() const;
  /// As of TradingAccount.
  std::optional<SessionReport> step();
  bool can_obey() const;
  bool obey(const AccountCommand& command);
  void take_terms(const std::string& terms, std::string_view change);
  TradingMode mode() const;
  int risk_level() const;
  /// Changes of the drawdown ladder's level since this object was made.
  std::span<const RiskEvent> risk_events() const;
  std::span<const BookDifference> adopted() const;
  /// Bytes that a killed writer or a power failure had left at the journal's end.
  std::uint64_t cut_bytes() const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

/// Names of an account's files within its folder.
inline constexpr const char* kAccountBooks = "books.sqlite";
inline constexpr const char* kAccountJournal = "journal.log";
inline constexpr const char* kAccountAudit = "audit.log";
inline constexpr const char* kAccountKill = "killed";  ///< no order leaves while it is there (kill_file.h)

}  // namespace orrery
