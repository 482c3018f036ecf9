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

/// The columns of the tables, as they are written and read.
constexpr std::string_view kSessionColumns =
    "date, equity_micros, cash_micros, long_micros, short_micros, bought_micros, sold_micros, "
    "commission_micros, slippage_micros, funding_micros, positions";
constexpr std::string_view kEntryColumns =
    "date, kind, side, symbol, order_id, quantity_micros, price_micros, value_micros, commission_micros, "
    "slippage_micros, realised_micros, rate_billionths, reason";
constexpr std::string_view kUnfilledColumns = "date, symbol, side, order_id, quantity_micros, reason";
constexpr std::string_view kCheckColumns =
    "date, symbol, side, order_id, quantity_micros, refused, rule, figures";
constexpr std::string_view kTargetColumns = "date, symbol, weight, score, rank, reason, asked";
constexpr std::string_view kPositionColumns = "date, symbol, quantity_micros, price_micros";
constexpr std::string_view kRiskColumns = "date, level_from, level_to, drawdown, cause";

/// Inserts a row for each of `items`, whose columns `bind` gives.
template <class Items, class Bind>
void insert_rows(SqliteDatabase& database, std::string_view table, std::string_view columns,
                 const Items& items, const Bind& bind) {
  std::string places = "?";
  for (const char letter : columns) {
    if (letter == ',') places += ", ?";
  }
  auto insert = database.statement(fmt::format("INSERT INTO {} ({}) VALUES ({})", table, columns, places));
  for (const auto& item : items) {
    insert.reset();
    bind(insert, item);
    insert.step();
  }
}

/// Gives every row of a table to `take`, in the order of a column.
template <class Take>
void read_rows(SqliteDatabase& database, std::string_view table, std::string_view columns,
               std::string_view order, const Take& take) {
  auto row = database.statement(fmt::format("SELECT {} FROM {} ORDER BY {}", columns, table, order));
  while (row.step()) take(row);
}

void write_entries(SqliteDatabase& database, const SessionRecord& session,
                   std::span<const std::string> symbols) {
  insert_rows(database, "entries", kEntryColumns, session.entries,
              [&](SqliteStatement& row, const JournalEntry& entry) {
                row.bind(to_string(entry.session.date))
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
                    .bind(text_of(entry.reason));
              });
}

void write_orders(SqliteDatabase& database, const SessionRecord& session,
                  std::span<const std::string> symbols) {
  insert_rows(database, "unfilled", kUnfilledColumns, session.unfilled,
              [&](SqliteStatement& row, const UnfilledOrder& order) {
                row.bind(to_string(order.session.date))
                    .bind(symbol_of(order.instrument, symbols))
                    .bind(text_of(to_string(order.side)))
                    .bind(static_cast<std::int64_t>(order.order_id))
                    .bind(order.quantity.micros)
                    .bind(text_of(to_string(order.reason)));
              });
  insert_rows(database, "order_checks", kCheckColumns, session.findings,
              [&](SqliteStatement& row, const OrderFinding& finding) {
                row.bind(to_string(finding.session.date))
                    .bind(symbol_of(finding.instrument, symbols))
                    .bind(text_of(to_string(finding.side)))
                    .bind(static_cast<std::int64_t>(finding.order_id))
                    .bind(finding.shares.micros)
                    .bind(std::int64_t{finding.refused ? 1 : 0})
                    .bind(text_of(finding.rule))
                    .bind(finding.figures);
              });
}

void write_state(SqliteDatabase& database, const SessionRecord& session,
                 std::span<const std::string> symbols) {
  const std::string date = to_string(session.report.session.date);
  if (session.decision) {
    insert_rows(database, "targets", kTargetColumns, session.decision->targets,
                [&](SqliteStatement& row, const Target& target) {
                  row.bind(date)
                      .bind(symbols[target.instrument])
                      .bind(target.weight)
                      .bind(target.score)
                      .bind(std::int64_t{target.rank})
                      .bind(text_of(target.reason))
                      .bind(target.asked);
                });
  }
  insert_rows(database, "positions", kPositionColumns, session.positions,
              [&](SqliteStatement& row, const Position& position) {
                row.bind(date)
                    .bind(symbols[position.instrument])
                    .bind(position.quantity.micros)
                    .bind(position.mark.micros);
              });
}

void write_session(SqliteDatabase& database, const SessionRecord& session,
                   std::span<const std::string> symbols) {
  insert_rows(database, "sessions", kSessionColumns, std::span(&session.report, 1),
              [](SqliteStatement& row, const SessionReport& report) {
                row.bind(to_string(report.session.date))
                    .bind(report.equity.micros)
                    .bind(report.cash.micros)
                    .bind(report.long_value.micros)
                    .bind(report.short_value.micros)
                    .bind(report.bought.micros)
                    .bind(report.sold.micros)
                    .bind(report.commission.micros)
                    .bind(report.slippage.micros)
                    .bind(report.funding.micros)
                    .bind(number_of(report.positions));
              });
  write_entries(database, session, symbols);
  write_orders(database, session, symbols);
  write_state(database, session, symbols);
}

constexpr int kEntrySymbol = 3;
constexpr int kEntryNumber = 13;  ///< behind the columns of an entry

/// The renames that an account booked, by which what was booked before them has its last symbol.
class BookedRenames {
 public:
  explicit BookedRenames(SqliteDatabase& database) {
    auto row = database.statement(
        "SELECT number, date, reason, symbol FROM entries WHERE kind = 'rename' ORDER BY number");
    while (row.step()) renames_.push_back({row.integer(0), row.text(1), row.text(2), row.text(3)});
  }

  /// Of the instrument that an entry of this number calls `symbol`.
  std::string last_symbol(std::string symbol, std::int64_t number) const {
    std::string done;  // those of one session happen at once
    for (const Row& rename : renames_) {
      if (rename.number <= number || rename.from != symbol || rename.date == done) continue;
      symbol = rename.to;
      done = rename.date;
    }
    return symbol;
  }

 private:
  struct Row {
    std::int64_t number = 0;
    std::string date, from, to;
  };
  std::vector<Row> renames_;
};

/// Reads an entry, all but its instrument.
JournalEntry entry_in(const SqliteStatement& row) {
  JournalEntry entry;
  entry.session.date = date_in(row, 0);
  entry.kind = named_in<EntryKind>(row, 1);
  entry.side = named_in<OrderSide>(row, 2);
  entry.order_id = static_cast<std::uint64_t>(row.integer(4));
  entry.quantity = micros_in<Quantity>(row, 5);
  entry.price = micros_in<Money>(row, 6);
  entry.value = micros_in<Money>(row, 7);
  entry.commission = micros_in<Money>(row, 8);
  entry.slippage = micros_in<Money>(row, 9);
  entry.realised = micros_in<Money>(row, 10);
  entry.rate.parts_per_billion = row.integer(11);
  entry.reason = interned(row.text(12));
  return entry;
}

/// Makes a backtest's result of an account's tables.
class BookReader {
 public:
  explicit BookReader(SqliteDatabase& database) : database_(database) {}

  BacktestResult read() {
    read_symbols();
    read_entries();
    read_orders();
    read_targets();
    read_positions();
    read_risk_events();
    read_sessions();
    return std::move(result_);
  }

 private:
  std::uint32_t instrument_in(const SqliteStatement& row, int column) const {
    return find_symbol(result_.symbols, row.text(column)).value_or(kNoInstrument);
  }

  void read_symbols() {
    auto row = database_.statement(
        "SELECT symbol FROM entries UNION SELECT symbol FROM unfilled UNION SELECT symbol FROM targets "
        "UNION SELECT symbol FROM positions UNION SELECT symbol FROM order_checks");
    while (row.step()) {
      if (!row.text(0).empty()) result_.symbols.push_back(row.text(0));
    }
    std::sort(result_.symbols.begin(), result_.symbols.end());
  }

  void read_entries() {
    read_rows(database_, "entries", kEntryColumns, "number", [&](const SqliteStatement& row) {
      JournalEntry entry = entry_in(row);
      entry.instrument = instrument_in(row, kEntrySymbol);
      add_to_totals(entry);
      result_.journal.push_back(entry);
    });
  }

  void add_to_totals(const JournalEntry& entry) {
    if (entry.kind == EntryKind::kDeposit && result_.journal.empty()) result_.initial_cash = entry.value;
    if (entry.kind == EntryKind::kDividend) result_.dividends += entry.value;
    if (entry.kind == EntryKind::kFunding) result_.funding += entry.value;
    if (entry.kind == EntryKind::kBorrowFee) result_.borrow_fees -= entry.value;
    if (entry.kind == EntryKind::kInterest) result_.interest += entry.value;
    result_.commission += entry.commission;
    result_.slippage += entry.slippage;
    result_.realised += entry.realised;
    result_.unknown_delistings = result_.unknown_delistings || entry.reason == kUnknownDelisting;
  }

  void read_orders() {
    read_rows(database_, "unfilled", kUnfilledColumns, "number", [&](const SqliteStatement& row) {
      result_.unfilled.push_back({{0, date_in(row, 0)},
                                  instrument_in(row, 1),
                                  named_in<OrderSide>(row, 2),
                                  static_cast<std::uint64_t>(row.integer(3)),
                                  micros_in<Quantity>(row, 4),
                                  named_in<UnfilledReason>(row, 5)});
    });
    read_rows(database_, "order_checks", kCheckColumns, "number", [&](const SqliteStatement& row) {
      result_.findings.push_back({static_cast<std::uint64_t>(row.integer(3)),
                                  {0, date_in(row, 0)},
                                  instrument_in(row, 1),
                                  named_in<OrderSide>(row, 2),
                                  micros_in<Quantity>(row, 4),
                                  row.integer(5) != 0,
                                  interned(row.text(6)),
                                  row.text(7)});
    });
  }

  void read_targets() {
    read_rows(database_, "targets", kTargetColumns, "number", [&](const SqliteStatement& row) {
      result_.weights.push_back({date_in(row, 0), instrument_in(row, 1), row.number(2), row.number(3),
                                 static_cast<int>(row.integer(4)), interned(row.text(5)), row.number(6)});
    });
    for (const WeightRow& row : result_.weights) {
      if (row.date == result_.weights.back().date && row.weight != 0.0) {
        result_.recommendations.push_back(row);
      }
    }
  }

  void read_positions() {
    read_rows(database_, "positions", kPositionColumns, "number", [&](const SqliteStatement& row) {
      result_.positions.push_back(
          {date_in(row, 0), instrument_in(row, 1), micros_in<Quantity>(row, 2), micros_in<Money>(row, 3)});
    });
  }

  void read_risk_events() {
    read_rows(database_, "risk_events", kRiskColumns, "number", [&](const SqliteStatement& row) {
      result_.risk_events.push_back({date_in(row, 0), static_cast<int>(row.integer(1)),
                                     static_cast<int>(row.integer(2)), row.number(3), row.text(4)});
    });
  }

  void read_sessions() {
    std::map<Date, Money> financing;  // stands in no column of its own
    for (const JournalEntry& entry : result_.journal) {
      const bool finances = entry.kind == EntryKind::kBorrowFee || entry.kind == EntryKind::kInterest;
      if (finances) financing[entry.session.date] += entry.value;
    }
    Money before = result_.initial_cash;
    read_rows(database_, "sessions", kSessionColumns, "date", [&](const SqliteStatement& row) {
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
      result_.daily.push_back(daily_row(report, before));
      before = report.equity;
    });
  }

  SqliteDatabase& database_;
  BacktestResult result_;
};

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
    if (session != nullptr) write_session(database_, *session, symbols);
    insert_rows(database_, "risk_events", kRiskColumns, risk_events,
                [](SqliteStatement& row, const RiskEvent& event) {
                  row.bind(to_string(event.date))
                      .bind(std::int64_t{event.from})
                      .bind(std::int64_t{event.to})
                      .bind(event.drawdown)
                      .bind(event.cause);
                });
  });
}

std::vector<JournalEntry> AccountDatabase::entries(std::optional<Date> after,
                                                   std::span<const std::string> symbols,
                                                   const CurrentNames& names) {
  const BookedRenames renames(database_);
  auto row = database_.statement(
      fmt::format("SELECT {}, number FROM entries WHERE date > ? ORDER BY number", kEntryColumns));
  row.bind(after ? to_string(*after) : std::string());
  std::vector<JournalEntry> found;
  while (row.step()) {
    const auto symbol = names.of(renames.last_symbol(row.text(kEntrySymbol), row.integer(kEntryNumber)));
    const auto instrument = find_symbol(symbols, symbol);
    if (!instrument && !symbol.empty()) continue;
    found.push_back(entry_in(row));
    found.back().instrument = instrument.value_or(kNoInstrument);
  }
  return found;
}

std::vector<std::string> AccountDatabase::booked_symbols() {
  const BookedRenames renames(database_);
  std::set<std::string> symbols;
  auto row = database_.statement(
      "SELECT symbol, MAX(number) FROM entries WHERE symbol != '' GROUP BY symbol ORDER BY symbol");
  while (row.step()) symbols.insert(renames.last_symbol(row.text(0), row.integer(1)));
  return {symbols.begin(), symbols.end()};
}

AccountDatabase::View AccountDatabase::view() {
  View found;
  database_.read_at_once([&] {
    found.snapshot = snapshot();
    found.books = BookReader(database_).read();
  });
  return found;
}

}  // namespace orrery
