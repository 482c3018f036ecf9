#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "orrery/backtest/backtest.h"
#include "orrery/data/sqlite_database.h"
#include "orrery/execution/account_store.h"

namespace orrery {

/// An account's books in a SQLite file: every session's entries, positions, targets and totals, and the
/// snapshot from which the account goes on. A session is there whole or not at all. One writer; others may
/// read beside it.
class AccountDatabase final : public AccountStore {
 public:
  /// Makes the file where there is none. `file_system` names one of SQLite's; null: the machine's. Errors:
  /// kIo; kDataCorrupt, also for books of a later version.
  explicit AccountDatabase(const std::filesystem::path& file, const char* file_system = nullptr);

  std::optional<std::string> snapshot() override;
  std::vector<JournalEntry> entries(std::optional<Date> after, std::span<const std::string> symbols,
                                    const CurrentNames& names = {}) override;
  std::vector<std::string> booked_symbols() override;
  void commit(std::string_view snapshot, std::span<const std::string> symbols, const SessionRecord* session,
              std::span<const RiskEvent> risk_events) override;

  /// The books as a backtest's result, of which the same tables can be made, and the snapshot that belongs to
  /// them. Instruments index the symbols that the books speak of.
  struct View {
    BacktestResult books;
    std::optional<std::string> snapshot;
  };
  /// Reads all of it as it was at one moment.
  View view();
  BacktestResult read() { return view().books; }

 private:
  SqliteDatabase database_;
};

}  // namespace orrery
