#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orrery/app/account_terms.h"
#include "orrery/backtest/backtest.h"
#include "orrery/base/file_lock.h"
#include "orrery/execution/hash_chain.h"
#include "orrery/execution/route_books.h"
#include "orrery/execution/trading_account.h"

namespace orrery {

/// An account's folder: books.sqlite, journal.log, what its broker keeps, its last run (run/), the words of
/// people that it has not obeyed yet (inbox/), and `killed`, where somebody has killed it.

/// Makes the folder where it is not, and keeps every other program from trading the account as long as the
/// lock lives. Errors: kUnavailable while another program trades it; kIo.
std::unique_ptr<FileLock> lock_account(const std::filesystem::path& folder);

/// Whether a folder is one of an account.
bool is_account(const std::filesystem::path& folder);
/// Errors: kNotFound, with what to do.
void require_account(const std::filesystem::path& folder);

/// Leaves a word for an account, whether or not a program trades it now; it is obeyed before the next
/// session. Errors: kNotFound where there is no account; kIo.
AccountCommand leave_command(const std::filesystem::path& folder, CommandKind kind);
/// Returns the words that wait, in the order in which they came. Errors: kIo; kDataCorrupt.
std::vector<AccountCommand> waiting_commands(const std::filesystem::path& folder);
/// Removes a word that was obeyed.
void remove_command(const std::filesystem::path& folder, const AccountCommand& command);

/// Lets no order of the account leave any more, at once, also of a program that trades it now; `reason`
/// stands with every order that is refused. Errors: kNotFound where there is no account; kIo.
void kill_account(const std::filesystem::path& folder, const std::string& reason);
/// Lets orders leave again. Returns whether the account was killed. Errors: as kill_account.
bool revive_account(const std::filesystem::path& folder);

/// What the account trades by; nothing where there is no account, or one that was opened without.
std::optional<AccountTerms> account_terms(const std::filesystem::path& folder);

/// A file of chained lines, as far as the books were committed with it.
struct ChainedFile {
  std::string name;
  ChainMark mark;
};

/// What a person wants to know of an account.
struct AccountStatus {
  TradingMode mode = TradingMode::kOn;
  int risk_level = 0;          ///< of the drawdown ladder
  double risk_drawdown = 0.0;  ///< from its mark, >= 0
  bool has_ladder = false;
  bool waits_for_person = false;           ///< the ladder has stopped the account until somebody confirms
  bool person_confirms = false;            ///< what the study says of confirming doesn't hold
  std::optional<std::string> killed;       ///< why no order leaves
  std::vector<AccountCommand> waiting;     ///< not obeyed yet
  std::uint64_t orders = 0;                ///< sent so far
  std::vector<ChainedFile> chained_files;  ///< journal.log, audit.log, then routes.log where there is one
  std::vector<VenueBooks> venues;          ///< where orders are divided among several brokers
  BacktestResult books;
};

/// Reads it, also while a program trades the account. Errors: kNotFound where there is none; kDataCorrupt.
AccountStatus read_account(const std::filesystem::path& folder);

}  // namespace orrery
