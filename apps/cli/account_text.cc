#include "apps/cli/account_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "apps/cli/decimals.h"
#include "apps/cli/plural.h"
#include "apps/cli/terminal.h"

namespace orrery::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kShownPositions = 20, kShownEvents = 5;

/// Sets thousands apart: 1034222.1 → 1,034,222.1.
std::string with_thousands(std::string text) {
  const std::size_t first = text.front() == '-' ? 1 : 0;
  for (std::size_t place = std::min(text.find_first_of(".e"), text.size()); place > first + 3;) {
    place -= 3;
    text.insert(place, ",");
  }
  return text;
}

std::string amount(Money money) { return with_thousands(fmt::format("{:.2f}", money.units())); }

/// Six digits of a number of shares, and all of the whole ones: 0.125, 27,517.4, 1,662,570.
std::string share_count(Quantity quantity) {
  constexpr Quantity kSixDigits{999'999 * kMicrosPerUnit};
  const double shares = quantity.units();
  return with_thousands(magnitude(quantity) < kSixDigits ? fmt::format("{:.6g}", shares)
                                                         : fmt::format("{:.0f}", shares));
}

double largest_drawdown(const BacktestResult& books) {
  double mark = books.initial_cash.units(), largest = 0.0;
  for (const DailyRow& day : books.daily) {
    mark = std::max(mark, day.equity.units());
    largest = std::max(largest, 1.0 - day.equity.units() / mark);
  }
  return largest;
}

/// The positions after the last session, the largest first.
std::vector<PositionRow> last_positions(const BacktestResult& books) {
  std::vector<PositionRow> held;
  if (books.daily.empty()) return held;
  for (const PositionRow& row : books.positions) {
    if (row.date == books.daily.back().date) held.push_back(row);
  }
  std::stable_sort(held.begin(), held.end(), [](const PositionRow& left, const PositionRow& right) {
    return magnitude(multiply(left.mark, left.quantity)) > magnitude(multiply(right.mark, right.quantity));
  });
  return held;
}

std::string waiting_text(const AccountStatus& status) {
  std::string text;
  for (const AccountCommand& command : status.waiting) {
    if (!text.empty()) text += ", ";
    text += to_string(command.kind);
  }
  return text;
}

std::string mode_text(TradingMode mode) {
  switch (mode) {
    case TradingMode::kOn:
      return "trades";
    case TradingMode::kFlatten:
      return "flattened: closes everything and stays out until 'resume'";
    case TradingMode::kPaused:
      return "paused: sends no orders until 'resume'";
  }
  return "";
}

std::string ladder_text(const AccountStatus& status) {
  std::string text =
      fmt::format("level {}, {} below its mark", status.risk_level, percent(status.risk_drawdown));
  if (status.waits_for_person) text += "; stopped until 'confirm'";
  if (status.person_confirms) text += "; a person confirms";
  return text;
}

std::string totals_text(const AccountStatus& status, const std::filesystem::path& folder) {
  const BacktestResult& books = status.books;
  const DailyRow& last = books.daily.back();
  const double gain = last.equity.units() / books.initial_cash.units() - 1.0;
  std::string text;
  const auto line = [&text](std::string_view name, const std::string& value) {
    text += fmt::format("{:<10}{}\n", name, value);
  };
  line("account", folder.string());
  line("sessions", fmt::format("{}, {} to {}", books.daily.size(), to_string(books.daily.front().date),
                               to_string(last.date)));
  line("state", mode_text(status.mode));
  if (status.killed) line("killed", fmt::format("no order leaves until 'revive': {}", *status.killed));
  if (status.has_ladder) line("ladder", ladder_text(status));
  if (!status.waiting.empty()) line("waiting", waiting_text(status) + " (obeyed before the next session)");
  line("equity", fmt::format("{} ({}{} since the start; largest drawdown {})", amount(last.equity),
                             gain < 0.0 ? "" : "+", percent(gain), percent(largest_drawdown(books))));
  line("cash", amount(last.cash));
  line("costs", fmt::format("{} commission, {} slippage", amount(books.commission), amount(books.slippage)));
  line("orders", fmt::format("{}, {} of them not filled or in part", status.orders, books.unfilled.size()));
  return text;
}

/// What the account has at each broker behind it, and what the choice of them has saved.
std::string venues_text(const AccountStatus& status, std::size_t width) {
  TextTable table = {{"venue", "health", "orders", "positions", "cash", "commission", "saved"}};
  std::string outages;
  for (const VenueBooks& venue : status.venues) {
    table.push_back({venue.terms.name, venue.out ? "out" : "up", std::to_string(venue.orders),
                     std::to_string(venue.positions.size()), amount(venue.cash), amount(venue.commission),
                     amount(venue.saved)});
    if (venue.out)
      outages += fmt::format("{} is left alone for a while since {}\n", venue.terms.name, *venue.out);
  }
  return format_table(table, width) + outages;
}

Json venues_json(const AccountStatus& status) {
  Json venues = Json::array();
  for (const VenueBooks& venue : status.venues) {
    venues.push_back({{"venue", venue.terms.name},
                      {"broker", venue.terms.broker},
                      {"up", !venue.out},
                      {"out_since", venue.out ? Json(*venue.out) : Json()},
                      {"orders", venue.orders},
                      {"positions", venue.positions.size()},
                      {"cash", venue.cash.units()},
                      {"commission", venue.commission.units()},
                      {"saved", venue.saved.units()}});
  }
  return venues;
}

}  // namespace

std::string account_text(const std::filesystem::path& folder, const AccountStatus& status,
                         std::size_t width) {
  const BacktestResult& books = status.books;
  if (books.daily.empty()) return fmt::format("account   {}\nsessions  none yet\n", folder.string());
  std::string text = totals_text(status, folder);
  const auto held = last_positions(books);
  TextTable table = {{"symbol", "shares", "price", "value", "of equity"}};
  for (std::size_t i = 0; i < std::min(held.size(), kShownPositions); ++i) {
    const Money value = multiply(held[i].mark, held[i].quantity);
    table.push_back({books.symbols[held[i].instrument], share_count(held[i].quantity), amount(held[i].mark),
                     amount(value), percent(value.units() / books.daily.back().equity.units())});
  }
  text += held.empty() ? "\nNothing is held.\n" : "\n" + format_table(table, width);
  if (held.size() > kShownPositions) text += fmt::format("and {} more\n", held.size() - kShownPositions);
  if (!status.venues.empty()) text += "\n" + venues_text(status, width);
  const std::size_t events = books.risk_events.size();
  if (events > 0) text += '\n';
  for (std::size_t i = events - std::min(events, kShownEvents); i < events; ++i) {
    const RiskEvent& event = books.risk_events[i];
    text += fmt::format("{}  risk level {} -> {}: {}\n", to_string(event.date), event.from, event.to,
                        event.cause);
  }
  return text;
}

std::string account_json(const std::filesystem::path& folder, const AccountStatus& status) {
  const BacktestResult& books = status.books;
  Json json = {{"account", folder.string()},
               {"sessions", books.daily.size()},
               {"last_session", books.daily.empty() ? Json() : Json(to_string(books.daily.back().date))},
               {"state", to_string(status.mode)},
               {"orders", status.orders},
               {"unfilled", books.unfilled.size()},
               {"journal_lines", status.chained_files.front().mark.lines}};
  json["killed"] = status.killed ? Json(*status.killed) : Json();
  Json waiting = Json::array();
  for (const AccountCommand& command : status.waiting) waiting.push_back(to_string(command.kind));
  json["waiting"] = waiting;
  if (status.has_ladder)
    json["ladder"] = {{"level", status.risk_level},
                      {"drawdown", status.risk_drawdown},
                      {"waits_for_person", status.waits_for_person},
                      {"person_confirms", status.person_confirms}};
  if (!books.daily.empty()) {
    json["equity"] = books.daily.back().equity.units();
    json["cash"] = books.daily.back().cash.units();
  }
  Json positions = Json::array();
  for (const PositionRow& row : last_positions(books)) {
    positions.push_back({{"symbol", books.symbols[row.instrument]},
                         {"quantity", row.quantity.units()},
                         {"price", row.mark.units()}});
  }
  json["positions"] = positions;
  if (!status.venues.empty()) json["venues"] = venues_json(status);
  return json.dump(1) + "\n";
}

}  // namespace orrery::cli
