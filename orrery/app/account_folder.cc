#include "orrery/app/account_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "orrery/backtest/bar_account.h"
#include "orrery/base/disk.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/named_value.h"
#include "orrery/base/unique_id.h"
#include "orrery/execution/account_journal.h"
#include "orrery/execution/broker_router.h"

namespace orrery {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kInbox = "inbox";
constexpr const char* kLock = "lock";

fs::path command_file(const fs::path& folder, std::uint64_t number) {
  return folder / kInbox / fmt::format("{:08}", number);
}

std::optional<CommandKind> kind_of(const fs::path& file) {
  auto text = read_from(local_disk(), file);
  if (!text) return std::nullopt;
  std::string name = std::move(*text);
  while (!name.empty() && name.back() == '\n') name.pop_back();
  if (const auto kind = find_named<CommandKind>(name)) return kind;
  throw external_error(
      ErrorCode::kDataCorrupt,
      fmt::format("a word for an account must be pause, resume, flatten or confirm; found '{}': {}", name,
                  file.string()));
}

Json snapshot_json(const std::optional<std::string>& snapshot) {
  if (!snapshot) return Json::object();
  Json json = Json::parse(*snapshot, nullptr, false);
  if (json.is_object()) return json;
  throw external_error(ErrorCode::kDataCorrupt, "the account's snapshot is no JSON object");
}

std::uint64_t last_command(const fs::path& folder) {
  AccountDatabase books(folder / kAccountBooks);
  return snapshot_json(books.snapshot()).value("last_command", std::uint64_t{0});
}

std::optional<std::string> kill_reason(const fs::path& folder) {
  auto reason = read_from(local_disk(), folder / kAccountKill);
  while (reason && reason->ends_with('\n')) reason->pop_back();
  return reason;
}

void read_ladder(const Json& snapshot, AccountStatus& status) {
  const Json ladder = Json::parse(snapshot.value("risk", ""), nullptr, false);
  if (!ladder.is_object()) return;
  status.has_ladder = true;
  status.risk_level = ladder.value("level", 0);
  status.waits_for_person = ladder.value("sessions_stopped", 0) > 0;
  const double mark = ladder.value("high_water", 1.0);
  status.risk_drawdown = mark > 0.0 ? 1.0 - ladder.value("index", 1.0) / mark : 0.0;
}

}  // namespace

std::unique_ptr<FileLock> lock_account(const fs::path& folder) {
  std::error_code failure;
  fs::create_directories(folder / kInbox, failure);
  if (failure) {
    throw external_error(ErrorCode::kIo, fmt::format("can't make the account's folder {}: {}",
                                                     folder.string(), failure.message()));
  }
  return std::make_unique<FileLock>(
      folder / kLock, fmt::format("another program trades this account now: {}", folder.string()));
}

bool is_account(const fs::path& folder) { return fs::exists(folder / kAccountBooks); }

void require_account(const fs::path& folder) {
  if (is_account(folder)) return;
  throw user_error(
      ErrorCode::kNotFound,
      fmt::format("there is no account in this folder: {}; 'orrery trade STUDY.yaml --account {}' opens "
                  "one",
                  folder.string(), folder.string()));
}

AccountCommand leave_command(const fs::path& folder, CommandKind kind) {
  require_account(folder);
  const auto waiting = waiting_commands(folder);
  std::uint64_t number = std::max(last_command(folder), waiting.empty() ? 0 : waiting.back().number);
  Disk& disk = local_disk();
  disk.make_folder(folder / kInbox);
  const fs::path draft = folder / kInbox / ("." + unique_id());
  disk.write(draft, fmt::format("{}\n", to_string(kind)));
  disk.sync(draft);
  // Whoever comes first has the number.
  while (!disk.link(draft, command_file(folder, ++number))) {
  }
  disk.remove(draft);
  disk.sync(folder / kInbox);
  return {number, kind};
}

std::vector<AccountCommand> waiting_commands(const fs::path& folder) {
  std::vector<AccountCommand> commands;
  for (const DiskEntry& entry : local_disk().list(folder / kInbox)) {
    std::uint64_t number = 0;
    const char* const end = entry.name.data() + entry.name.size();
    const auto [stop, failure] = std::from_chars(entry.name.data(), end, number);
    if (failure != std::errc() || stop != end) continue;
    // One that is obeyed meanwhile is gone.
    if (const auto kind = kind_of(folder / kInbox / entry.name)) commands.push_back({number, *kind});
  }
  std::sort(commands.begin(), commands.end(), [](const AccountCommand& left, const AccountCommand& right) {
    return left.number < right.number;
  });
  return commands;
}

void remove_command(const fs::path& folder, const AccountCommand& command) {
  local_disk().remove(command_file(folder, command.number));
}

void kill_account(const fs::path& folder, const std::string& reason) {
  require_account(folder);
  write_file_atomically(folder / kAccountKill, reason + "\n");
}

bool revive_account(const fs::path& folder) {
  require_account(folder);
  if (!kill_reason(folder)) return false;
  local_disk().remove(folder / kAccountKill);
  local_disk().sync(folder);
  return true;
}

std::optional<AccountTerms> account_terms(const fs::path& folder) {
  if (!is_account(folder)) return std::nullopt;
  AccountDatabase books(folder / kAccountBooks);
  const std::string terms = snapshot_json(books.snapshot()).value("terms", "");
  if (terms.empty()) return std::nullopt;
  return parse_account_terms(terms);
}

AccountStatus read_account(const fs::path& folder) {
  require_account(folder);
  AccountDatabase books(folder / kAccountBooks);
  AccountDatabase::View view = books.view();
  const Json snapshot = snapshot_json(view.snapshot);
  AccountStatus status;
  status.mode = find_named<TradingMode>(snapshot.value("mode", "on")).value_or(TradingMode::kOn);
  std::set<std::uint64_t> refused;
  for (const OrderFinding& finding : view.books.findings) {
    if (finding.refused) refused.insert(finding.order_id);
  }
  status.orders = snapshot.value("last_order_id", std::uint64_t{0}) - refused.size();
  status.waiting = waiting_commands(folder);
  read_ladder(snapshot, status);
  const auto mark = [&snapshot](const std::string& of) {
    return ChainMark{snapshot.value(of + "_lines", std::uint64_t{0}), snapshot.value(of + "_link", "")};
  };
  status.chained_files = {{kAccountJournal, mark("journal")}, {kAccountAudit, mark("audit")}};
  status.venues = read_route_log(local_disk(), folder / kRouteLog);
  if (!status.venues.empty()) {
    const RouterBookmark bookmark = parse_router_bookmark(snapshot.value("broker", ""));
    const ChainMark sure = bookmark.log.empty() ? ChainMark{} : parse_chain_mark(bookmark.log);
    status.chained_files.push_back({kRouteLog, sure});
  }
  status.books = std::move(view.books);
  status.killed = kill_reason(folder);
  const std::string terms = snapshot.value("terms", "");
  status.person_confirms = !terms.empty() && parse_account_terms(terms).person_confirms;
  return status;
}

}  // namespace orrery
