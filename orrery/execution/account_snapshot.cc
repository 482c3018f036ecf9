#include "orrery/execution/account_snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "orrery/base/interned_text.h"
#include "orrery/base/named_value.h"
#include "orrery/market/symbol_order.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 2;

[[noreturn]] void refuse_snapshot(std::string_view problem) {
  throw external_error(ErrorCode::kDataCorrupt,
                       fmt::format("an account's snapshot can't be read: {}", problem));
}

/// Turns symbols into the places they have now.
class Places {
 public:
  Places(std::span<const std::string> symbols, const CurrentNames& names)
      : symbols_(symbols), names_(names) {}

  std::uint32_t of(const Json& symbol) const {
    const std::string before = symbol.get<std::string>();
    const std::string& name = names_.of(before);
    if (const auto place = find_symbol(symbols_, name)) return *place;
    throw user_error(
        ErrorCode::kNotFound,
        fmt::format("the account has a position or a decision in {}{}, of which the data has nothing", before,
                    name == before ? "" : ", now " + name));
  }

  const std::string& symbol(std::uint32_t place) const { return symbols_[place]; }

 private:
  std::span<const std::string> symbols_;
  const CurrentNames& names_;
};

Json json_of(const PendingPlan& pending, std::span<const std::string> symbols) {
  Json targets = Json::array();
  for (const PlannedTarget& target : pending.plan.targets) {
    targets.push_back({symbols[target.instrument], static_cast<int>(target.kind), target.quantity.micros,
                       target.cash_share, target.weight, std::string(target.reason)});
  }
  return {{"due_step", pending.due_step},
          {"decided", to_string(pending.plan.decided.date)},
          {"decided_row", pending.plan.decided.row},
          {"slices", pending.plan.slices},
          {"begun", pending.begun},
          {"targets", targets}};
}

Date date_of(const Json& text) {
  const auto date = parse_date(text.get<std::string>());
  if (!date) refuse_snapshot(fmt::format("'{}' is no date", text.get<std::string>()));
  return *date;
}

PendingPlan pending_of(const Json& json, const Places& places) {
  PendingPlan pending;
  pending.due_step = json.at("due_step");
  pending.plan.decided = {json.at("decided_row"), date_of(json.at("decided"))};
  pending.plan.slices = json.value("slices", 1);
  pending.begun = json.value("begun", false);
  for (const Json& target : json.at("targets")) {
    pending.plan.targets.push_back({places.of(target.at(0)),
                                    static_cast<TargetKind>(target.at(1).get<int>()),
                                    {target.at(2).get<std::int64_t>()},
                                    target.at(3).get<double>(),
                                    target.at(4).get<double>(),
                                    interned(target.at(5).get<std::string>())});
  }
  return pending;
}

Json json_of(const LedgerState& ledger, std::span<const std::string> symbols) {
  Json balances = Json::object();
  for (std::size_t i = 0; i < kAccounts; ++i) {
    balances[std::string(to_string(static_cast<Account>(i)))] = ledger.balances[i].micros;
  }
  Json positions = Json::array();
  for (const Position& position : ledger.positions) {
    positions.push_back({symbols[position.instrument], position.sessions, position.missing_sessions,
                         position.quantity.micros, position.cost.micros, position.mark.micros,
                         position.value.micros});
  }
  return {{"balances", balances}, {"positions", positions}};
}

void require_apart(const std::vector<Position>& positions, const Places& places) {
  const auto same = std::adjacent_find(
      positions.begin(), positions.end(),
      [](const Position& left, const Position& right) { return left.instrument == right.instrument; });
  if (same == positions.end()) return;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("the account has two positions of which the data says that they are one name: {}",
                  places.symbol(same->instrument)));
}

LedgerState ledger_of(const Json& json, const Places& places) {
  LedgerState ledger;
  for (std::size_t i = 0; i < kAccounts; ++i) {
    // An account that the program has learned of since is empty.
    ledger.balances[i].micros =
        json.at("balances").value(std::string(to_string(static_cast<Account>(i))), std::int64_t{0});
  }
  for (const Json& position : json.at("positions")) {
    ledger.positions.push_back({places.of(position.at(0)),
                                position.at(1).get<int>(),
                                position.at(2).get<int>(),
                                {position.at(3).get<std::int64_t>()},
                                {position.at(4).get<std::int64_t>()},
                                {position.at(5).get<std::int64_t>()},
                                {position.at(6).get<std::int64_t>()}});
  }
  std::sort(ledger.positions.begin(), ledger.positions.end(),
            [](const Position& left, const Position& right) { return left.instrument < right.instrument; });
  require_apart(ledger.positions, places);
  return ledger;
}

TradingMode mode_of(const std::string& name) {
  if (const auto mode = find_named<TradingMode>(name)) return *mode;
  refuse_snapshot(fmt::format("'{}' is no trading mode", name));
}

std::map<std::string, Date> days_at(const Json& json, const char* key) {
  std::map<std::string, Date> days;
  const Json found = json.value(key, Json::object());
  for (const auto& [symbol, day] : found.items()) days[symbol] = date_of(day);
  return days;
}

void put_days(const std::map<std::string, Date>& days, const char* key, Json& json) {
  for (const auto& [symbol, day] : days) json[key][symbol] = to_string(day);
}

AccountSnapshot snapshot_of(const Json& json, std::span<const std::string> symbols,
                            const Identities& renames) {
  if (json.at("version") != kVersion) {
    refuse_snapshot(
        fmt::format("its version is {}, and this program knows {}", json.at("version").dump(), kVersion));
  }
  AccountSnapshot snapshot;
  snapshot.date = date_of(json.at("date"));
  snapshot.since = days_at(json, "since");
  snapshot.booked_since = days_at(json, "booked_since");
  const CurrentNames names(renames, symbols, snapshot.date, snapshot.since);
  snapshot.book_names = CurrentNames(renames, symbols, snapshot.date, snapshot.booked_since);
  const Places places(symbols, names);
  snapshot.engine.steps = json.at("steps");
  snapshot.engine.last_order_id = json.at("last_order_id");
  snapshot.engine.capital.micros = json.at("capital_micros");
  snapshot.engine.mode = mode_of(json.at("mode"));
  for (const Json& pending : json.at("pending")) {
    snapshot.engine.pending.push_back(pending_of(pending, places));
  }
  snapshot.ledger = ledger_of(json.at("ledger"), places);
  snapshot.strategy = names.in_state(json.at("strategy").get<std::string>());
  snapshot.risk = names.in_state(json.at("risk").get<std::string>());
  snapshot.checks = names.in_state(json.at("checks").get<std::string>());
  snapshot.journal = {json.at("journal_lines"), json.at("journal_link")};
  snapshot.audit = {json.at("audit_lines"), json.at("audit_link")};
  snapshot.broker = json.at("broker");
  snapshot.last_answer = json.at("last_answer");
  snapshot.last_command = json.at("last_command");
  snapshot.terms = json.value("terms", "");  // accounts that were opened before there were any have none
  return snapshot;
}

}  // namespace

std::string to_json(const AccountSnapshot& snapshot, std::span<const std::string> symbols) {
  Json pending = Json::array();
  for (const PendingPlan& plan : snapshot.engine.pending) pending.push_back(json_of(plan, symbols));
  Json json{{"version", kVersion},
            {"date", to_string(snapshot.date)},
            {"steps", snapshot.engine.steps},
            {"last_order_id", snapshot.engine.last_order_id},
            {"capital_micros", snapshot.engine.capital.micros},
            {"mode", to_string(snapshot.engine.mode)},
            {"pending", pending},
            {"ledger", json_of(snapshot.ledger, symbols)},
            {"strategy", snapshot.strategy},
            {"risk", snapshot.risk},
            {"checks", snapshot.checks},
            {"journal_lines", snapshot.journal.lines},
            {"journal_link", snapshot.journal.link},
            {"audit_lines", snapshot.audit.lines},
            {"audit_link", snapshot.audit.link},
            {"broker", snapshot.broker},
            {"last_answer", snapshot.last_answer},
            {"last_command", snapshot.last_command},
            {"terms", snapshot.terms}};
  put_days(snapshot.since, "since", json);
  put_days(snapshot.booked_since, "booked_since", json);
  return json.dump();
}

AccountSnapshot parse_snapshot(std::string_view json, std::span<const std::string> symbols,
                               const Identities& renames) {
  try {
    return snapshot_of(Json::parse(json), symbols, renames);
  } catch (const Json::exception& error) {
    refuse_snapshot(error.what());
  }
}

}  // namespace orrery
