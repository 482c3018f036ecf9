#include "orrery/backtest/account_database.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "orrery/backtest/daily_row.h"
#include "orrery/backtest/history.h"
#include "orrery/base/error.h"
#include "orrery/base/interned_text.h"
#include "orrery/base/named_value.h"
#include "orrery/market/symbol_order.h"

namespace orrery {
namespace {

constexpr int kVersion = 1;

constexpr const char* kSchema = R"sql(
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS snapshot (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
  date TEXT PRIMARY KEY, equity_micros INTEGER NOT NULL, cash_micros INTEGER NOT NULL,
  long_micros INTEGER NOT NULL, short_micros INTEGER NOT NULL, bought_micros INTEGER NOT NULL,
  sold_micros INTEGER NOT NULL, commission_micros INTEGER NOT NULL, slippage_micros INTEGER NOT NULL,
  funding_micros INTEGER NOT NULL, positions INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS entries (
  number INTEGER PRIMARY KEY, date TEXT NOT NULL, kind TEXT NOT NULL, side TEXT NOT NULL, symbol TEXT NOT NULL,
  order_id INTEGER NOT NULL, quantity_micros INTEGER NOT NULL, price_micros INTEGER NOT NULL,
  value_micros INTEGER NOT NULL, commission_micros INTEGER NOT NULL, slippage_micros INTEGER NOT NULL,
  realised_micros INTEGER NOT NULL, rate_billionths INTEGER NOT NULL, reason TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS unfilled (
  number INTEGER PRIMARY KEY, date TEXT NOT NULL, symbol TEXT NOT NULL, side TEXT NOT NULL,
  order_id INTEGER NOT NULL, quantity_micros INTEGER NOT NULL, reason TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS order_checks (
  number INTEGER PRIMARY KEY, date TEXT NOT NULL, symbol TEXT NOT NULL, side TEXT NOT NULL,
  order_id INTEGER NOT NULL, quantity_micros INTEGER NOT NULL, refused INTEGER NOT NULL, rule TEXT NOT NULL,
  figures TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS targets (
  number INTEGER PRIMARY KEY, date TEXT NOT NULL, symbol TEXT NOT NULL, weight REAL NOT NULL, score REAL,
  rank INTEGER NOT NULL, reason TEXT NOT NULL, asked REAL);
CREATE TABLE IF NOT EXISTS positions (
  number INTEGER PRIMARY KEY, date TEXT NOT NULL, symbol TEXT NOT NULL, quantity_micros INTEGER NOT NULL,
  price_micros INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS risk_events (
  number INTEGER PRIMARY KEY, date TEXT NOT NULL, level_from INTEGER NOT NULL, level_to INTEGER NOT NULL,
  drawdown REAL NOT NULL, cause TEXT NOT NULL);
PRAGMA user_version = 1;
COMMIT;
)sql";

std::string text_of(std::string_view text) { return std::string(text); }

std::int64_t number_of(std::size_t count) { return static_cast<std::int64_t>(count); }

std::string symbol_of(std::uint32_t instrument, std::span<const std::string> symbols) {
  return instrument == kNoInstrument ? "" : symbols[instrument];
}

Date date_in(const SqliteStatement& row, int column) {
  const auto date = parse_date(row.text(column));
  if (!date) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("the account's books hold what is no date: {}", row.text(column)));
  }
  return *date;
}

template <class Amount>
Amount micros_in(const SqliteStatement& row, int column) {
  return Amount{row.integer(column)};
}

/// Finds the value whose name in the books a column has.
template <class Value>
Value named_in(const SqliteStatement& row, int column) {
  const std::string name = row.text(column);
  if (const auto value = find_named<Value>(name)) return *value;
  throw external_error(
      ErrorCode::kDataCorrupt,
      fmt::format("the account's books hold what no program of this version writes: {}", name));
}

}  // namespace

AccountDatabase::AccountDatabase(const std::filesystem::path& file, const char* file_system)
    : database_(file, "the account's books", file_system) {
  std::int64_t version = 0;
  {
    auto row = database_.statement("PRAGMA user_version");
    if (row.step()) version = row.integer(0);
  }
  if (version > kVersion) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("the account's books are of version {}, and this program knows {}: {}",
                                     version, kVersion, file.string()));
  }
  if (version < kVersion) database_.execute(kSchema);
}

std::optional<std::string> AccountDatabase::snapshot() {
  auto row = database_.statement("SELECT state FROM snapshot");
  if (!row.step()) return std::nullopt;
  return row.text(0);
}

void AccountDatabase::commit(std::string_view snapshot, std::span<const std::string> symbols,
                             const SessionRecord* session, std::span<const RiskEvent> risk_events) {
  database_.transaction([&] {
    database_.statement("INSERT OR REPLACE INTO snapshot (id, state) VALUES (1, ?)")
        .bind(text_of(snapshot))
        .step();
    if (session != nullptr) write_session(*session, symbols);
    for (const RiskEvent& event : risk_events) {
      database_
          .statement(
              "INSERT INTO risk_events (date, level_from, level_to, drawdown, cause) VALUES (?, ?, ?, ?, ?)")
          .bind(to_string(event.date))
          .bind(std::int64_t{event.from})
          .bind(std::int64_t{event.to})
          .bind(event.drawdown)
          .bind(event.cause)
          .step();
    }
  });
}

void AccountDatabase::write_session(const SessionRecord& session, std::span<const std::string> symbols) {
  const SessionReport& report = session.report;
  const std::string date = to_string(report.session.date);
  database_.statement("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(date)
      .bind(report.equity.micros)
      .bind(report.cash.micros)
      .bind(report.long_value.micros)
      .bind(report.short_value.micros)
      .bind(report.bought.micros)
      .bind(report.sold.micros)
      .bind(report.commission.micros)
      .bind(report.slippage.micros)
      .bind(report.funding.micros)
      .bind(number_of(report.positions))
      .step();
  write_entries(session, symbols);
  write_findings(session, symbols);
  if (session.decision) write_decision(session, symbols);
  auto insert = database_.statement(
      "INSERT INTO positions (date, symbol, quantity_micros, price_micros) VALUES (?, ?, ?, ?)");
  for (const Position& position : session.positions) {
    insert.reset();
    insert.bind(date)
        .bind(symbols[position.instrument])
        .bind(position.quantity.micros)
        .bind(position.mark.micros)
        .step();
  }
}

void AccountDatabase::write_entries(const SessionRecord& session, std::span<const std::string> symbols) {
  auto entries = database_.statement(
      "INSERT INTO entries (date, kind, side, symbol, order_id, quantity_micros, price_micros, value_micros, "
      "commission_micros, slippage_micros, realised_micros, rate_billionths, reason) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (const JournalEntry& entry : session.entries) {
    entries.reset();
    entries.bind(to_string(entry.session.date))
        .bind(text_of(to_string(entry.kind)))
        .bind(text_of(to_string(entry.side)))
        .bind(symbol_of(entry.instrument, symbols))
        .bind(static_cast<std::int64_t>(entry.order_id))
        .bind(entry.quantity.micros)
        .bind(entry.price.micros)
        .bind(entry.value.micros)
        .bind(entry.commission.micros)
        .bind(entry.slippage.micros)
        .bind(entry.realised.micros)
        .bind(entry.rate.parts_per_billion)
        .bind(text_of(entry.reason))
        .step();
  }
  auto unfilled = database_.statement(
      "INSERT INTO unfilled (date, symbol, side, order_id, quantity_micros, reason) VALUES (?, ?, ?, ?, ?, "
      "?)");
  for (const UnfilledOrder& order : session.unfilled) {
    unfilled.reset();
    unfilled.bind(to_string(order.session.date))
        .bind(symbol_of(order.instrument, symbols))
        .bind(text_of(to_string(order.side)))
        .bind(static_cast<std::int64_t>(order.order_id))
        .bind(order.quantity.micros)
        .bind(text_of(to_string(order.reason)))
        .step();
  }
}

void AccountDatabase::write_findings(const SessionRecord& session, std::span<const std::string> symbols) {
  auto insert = database_.statement(
      "INSERT INTO order_checks (date, symbol, side, order_id, quantity_micros, refused, rule, figures) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  for (const OrderFinding& finding : session.findings) {
    insert.reset();
    insert.bind(to_string(finding.session.date))
        .bind(symbols[finding.instrument])
        .bind(text_of(to_string(finding.side)))
        .bind(static_cast<std::int64_t>(finding.order_id))
        .bind(finding.shares.micros)
        .bind(std::int64_t{finding.refused ? 1 : 0})
        .bind(text_of(finding.rule))
        .bind(finding.figures)
        .step();
  }
}

void AccountDatabase::write_decision(const SessionRecord& session, std::span<const std::string> symbols) {
  auto insert = database_.statement(
      "INSERT INTO targets (date, symbol, weight, score, rank, reason, asked) VALUES (?, ?, ?, ?, ?, ?, ?)");
  for (const Target& target : session.decision->targets) {
    insert.reset();
    insert.bind(to_string(session.report.session.date))
        .bind(symbols[target.instrument])
        .bind(target.weight)
        .bind(target.score)
        .bind(std::int64_t{target.rank})
        .bind(text_of(target.reason))
        .bind(target.asked)
        .step();
  }
}

AccountDatabase::View AccountDatabase::view() {
  View found;
  database_.read_at_once([&] {
    found.snapshot = snapshot();
    found.books = read_books();
  });
  return found;
}

BacktestResult AccountDatabase::read_books() {
  BacktestResult result;
  const auto each = [&](const char* sql, const auto& take) {
    auto row = database_.statement(sql);
    while (row.step()) take(row);
  };
  each(
      "SELECT symbol FROM entries UNION SELECT symbol FROM unfilled UNION SELECT symbol FROM targets "
      "UNION SELECT symbol FROM positions UNION SELECT symbol FROM order_checks",
      [&](const SqliteStatement& row) {
        if (!row.text(0).empty()) result.symbols.push_back(row.text(0));
      });
  std::sort(result.symbols.begin(), result.symbols.end());
  const auto instrument_in = [&](const SqliteStatement& row, int column) {
    return find_symbol(result.symbols, row.text(column)).value_or(kNoInstrument);
  };
  each(
      "SELECT date, kind, side, symbol, order_id, quantity_micros, price_micros, value_micros, "
      "commission_micros, "
      "slippage_micros, realised_micros, rate_billionths, reason FROM entries ORDER BY number",
      [&](const SqliteStatement& row) {
        JournalEntry entry;
        entry.session.date = date_in(row, 0);
        entry.kind = named_in<EntryKind>(row, 1);
        entry.side = named_in<OrderSide>(row, 2);
        entry.instrument = instrument_in(row, 3);
        entry.order_id = static_cast<std::uint64_t>(row.integer(4));
        entry.quantity = micros_in<Quantity>(row, 5);
        entry.price = micros_in<Money>(row, 6);
        entry.value = micros_in<Money>(row, 7);
        entry.commission = micros_in<Money>(row, 8);
        entry.slippage = micros_in<Money>(row, 9);
        entry.realised = micros_in<Money>(row, 10);
        entry.rate.parts_per_billion = row.integer(11);
        entry.reason = interned(row.text(12));
        if (entry.kind == EntryKind::kDeposit && result.journal.empty()) result.initial_cash = entry.value;
        if (entry.kind == EntryKind::kDividend) result.dividends += entry.value;
        if (entry.kind == EntryKind::kFunding) result.funding += entry.value;
        if (entry.kind == EntryKind::kBorrowFee) result.borrow_fees -= entry.value;
        if (entry.kind == EntryKind::kInterest) result.interest += entry.value;
        result.commission += entry.commission;
        result.slippage += entry.slippage;
        result.realised += entry.realised;
        result.unknown_delistings = result.unknown_delistings || entry.reason == kUnknownDelisting;
        result.journal.push_back(entry);
      });
  each("SELECT date, symbol, side, order_id, quantity_micros, reason FROM unfilled ORDER BY number",
       [&](const SqliteStatement& row) {
         result.unfilled.push_back({{0, date_in(row, 0)},
                                    instrument_in(row, 1),
                                    named_in<OrderSide>(row, 2),
                                    static_cast<std::uint64_t>(row.integer(3)),
                                    micros_in<Quantity>(row, 4),
                                    named_in<UnfilledReason>(row, 5)});
       });
  each(
      "SELECT date, symbol, side, order_id, quantity_micros, refused, rule, figures FROM order_checks "
      "ORDER BY number",
      [&](const SqliteStatement& row) {
        result.findings.push_back({static_cast<std::uint64_t>(row.integer(3)),
                                   {0, date_in(row, 0)},
                                   instrument_in(row, 1),
                                   named_in<OrderSide>(row, 2),
                                   micros_in<Quantity>(row, 4),
                                   row.integer(5) != 0,
                                   interned(row.text(6)),
                                   row.text(7)});
      });
  each("SELECT date, symbol, weight, score, rank, reason, asked FROM targets ORDER BY number",
       [&](const SqliteStatement& row) {
         result.weights.push_back({date_in(row, 0), instrument_in(row, 1), row.number(2), row.number(3),
                                   static_cast<int>(row.integer(4)), interned(row.text(5)), row.number(6)});
       });
  for (const WeightRow& row : result.weights) {
    if (row.date == result.weights.back().date && row.weight != 0.0) result.recommendations.push_back(row);
  }
  each("SELECT date, symbol, quantity_micros, price_micros FROM positions ORDER BY number",
       [&](const SqliteStatement& row) {
         result.positions.push_back(
             {date_in(row, 0), instrument_in(row, 1), micros_in<Quantity>(row, 2), micros_in<Money>(row, 3)});
       });
  each("SELECT date, level_from, level_to, drawdown, cause FROM risk_events ORDER BY number",
       [&](const SqliteStatement& row) {
         result.risk_events.push_back({date_in(row, 0), static_cast<int>(row.integer(1)),
                                       static_cast<int>(row.integer(2)), row.number(3), row.text(4)});
       });
  std::map<Date, Money> financing;  // stands in no column of its own
  for (const JournalEntry& entry : result.journal) {
    const bool finances = entry.kind == EntryKind::kBorrowFee || entry.kind == EntryKind::kInterest;
    if (finances) financing[entry.session.date] += entry.value;
  }
  Money before = result.initial_cash;
  each(
      "SELECT date, equity_micros, cash_micros, long_micros, short_micros, bought_micros, sold_micros, "
      "commission_micros, slippage_micros, funding_micros, positions FROM sessions ORDER BY date",
      [&](const SqliteStatement& row) {
        SessionReport report;
        report.session.date = date_in(row, 0);
        report.equity = micros_in<Money>(row, 1);
        report.cash = micros_in<Money>(row, 2);
        report.long_value = micros_in<Money>(row, 3);
        report.short_value = micros_in<Money>(row, 4);
        report.bought = micros_in<Money>(row, 5);
        report.sold = micros_in<Money>(row, 6);
        report.commission = micros_in<Money>(row, 7);
        report.slippage = micros_in<Money>(row, 8);
        report.funding = micros_in<Money>(row, 9);
        report.financing = financing[report.session.date];
        report.positions = static_cast<std::size_t>(row.integer(10));
        result.daily.push_back(daily_row(report, before));
        before = report.equity;
      });
  return result;
}

}  // namespace orrery
