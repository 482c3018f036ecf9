#include "orrery/backtest/result_tables.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace orrery {
namespace {

/// Collects texts that repeat.
class TextColumn {
 public:
  void reserve(std::size_t rows) { strings_.codes.reserve(rows); }
  void add(std::string_view text) {
    const auto [entry, fresh] =
        codes_.try_emplace(std::string(text), static_cast<std::int32_t>(codes_.size()));
    if (fresh) strings_.dictionary.emplace_back(text);
    strings_.codes.push_back(entry->second);
  }
  DictionaryStrings take() { return std::move(strings_); }

 private:
  DictionaryStrings strings_;
  std::unordered_map<std::string, std::int32_t> codes_;
};

/// Instruments as symbols; kNoInstrument is missing.
template <class Rows>
Column symbol_column(const std::vector<std::string>& symbols, const Rows& rows) {
  DictionaryStrings strings;
  strings.dictionary = symbols;
  strings.codes.reserve(rows.size());
  for (const auto& row : rows) {
    strings.codes.push_back(row.instrument == kNoInstrument ? -1 : static_cast<std::int32_t>(row.instrument));
  }
  return {"symbol", std::move(strings)};
}

template <class Rows, class Text>
Column text_column(std::string name, const Rows& rows, Text text) {
  TextColumn column;
  column.reserve(rows.size());
  for (const auto& row : rows) column.add(text(row));
  return {std::move(name), column.take()};
}

template <class Value, class Rows, class Get>
Column value_column(std::string name, const Rows& rows, Get get) {
  std::vector<Value> values;
  values.reserve(rows.size());
  for (const auto& row : rows) values.push_back(static_cast<Value>(get(row)));
  return {std::move(name), std::move(values)};
}

template <class Rows, class Get>
Column date_column(const Rows& rows, Get get) {
  return value_column<Date>("date", rows, get);
}

template <class Rows, class Get>
Column units_column(std::string name, const Rows& rows, Get get) {
  return value_column<double>(std::move(name), rows, [&](const auto& row) { return get(row).units(); });
}

template <class Rows, class Get>
Column micros_column(const std::string& name, const Rows& rows, Get get) {
  return value_column<std::int64_t>(name + "_micros", rows, [&](const auto& row) { return get(row).micros; });
}

bool has_side(EntryKind kind) {
  return kind == EntryKind::kTrade || kind == EntryKind::kCashInLieu || kind == EntryKind::kDelisting;
}

bool has_rate(EntryKind kind) {
  return kind == EntryKind::kFunding || kind == EntryKind::kBorrowFee || kind == EntryKind::kInterest;
}

}  // namespace

Table trades_table(const BacktestResult& result) {
  using Entry = JournalEntry;
  const auto& rows = result.journal;
  const auto quantity = [](const Entry& entry) { return entry.quantity; };
  const auto price = [](const Entry& entry) { return entry.price; };
  const auto value = [](const Entry& entry) { return entry.value; };
  const auto commission = [](const Entry& entry) { return entry.commission; };
  const auto slippage = [](const Entry& entry) { return entry.slippage; };
  Table table;
  table.columns.push_back(date_column(rows, [](const Entry& entry) { return entry.session.date; }));
  table.columns.push_back(
      text_column("kind", rows, [](const Entry& entry) { return to_string(entry.kind); }));
  table.columns.push_back(symbol_column(result.symbols, rows));
  table.columns.push_back(text_column("side", rows, [](const Entry& entry) {
    return has_side(entry.kind) ? to_string(entry.side) : std::string_view();
  }));
  table.columns.push_back(units_column("quantity", rows, quantity));
  table.columns.push_back(units_column("price", rows, price));
  table.columns.push_back(units_column("value", rows, value));
  table.columns.push_back(units_column("commission", rows, commission));
  table.columns.push_back(units_column("slippage", rows, slippage));
  table.columns.push_back(units_column("realised", rows, [](const Entry& entry) { return entry.realised; }));
  table.columns.push_back(text_column("reason", rows, [](const Entry& entry) { return entry.reason; }));
  table.columns.push_back(
      value_column<std::int64_t>("order_id", rows, [](const Entry& entry) { return entry.order_id; }));
  table.columns.push_back(micros_column("quantity", rows, quantity));
  table.columns.push_back(micros_column("price", rows, price));
  table.columns.push_back(micros_column("value", rows, value));
  table.columns.push_back(micros_column("commission", rows, commission));
  table.columns.push_back(micros_column("slippage", rows, slippage));
  // Only where something was booked at a rate.
  if (std::any_of(rows.begin(), rows.end(), [](const Entry& entry) { return has_rate(entry.kind); })) {
    table.columns.push_back(value_column<double>("rate", rows, [](const Entry& entry) {
      return static_cast<double>(entry.rate.parts_per_billion) / 1e9;
    }));
    table.columns.push_back(value_column<std::int64_t>(
        "rate_billionths", rows, [](const Entry& entry) { return entry.rate.parts_per_billion; }));
  }
  return table;
}

Table equity_table(const BacktestResult& result) {
  using Row = DailyRow;
  const auto& rows = result.daily;
  const auto equity = [](const Row& row) { return row.equity; };
  const auto cash = [](const Row& row) { return row.cash; };
  Table table;
  const auto add = [&](std::string name, double Row::*member) {
    table.columns.push_back(
        value_column<double>(std::move(name), rows, [&](const Row& row) { return row.*member; }));
  };
  table.columns.push_back(date_column(rows, [](const Row& row) { return row.date; }));
  table.columns.push_back(units_column("equity", rows, equity));
  table.columns.push_back(units_column("cash", rows, cash));
  add("net_return", &Row::net_return);
  add("gross_return", &Row::gross_return);
  table.columns.push_back(units_column("commission", rows, [](const Row& row) { return row.commission; }));
  table.columns.push_back(units_column("slippage", rows, [](const Row& row) { return row.slippage; }));
  add("turnover_one_way", &Row::turnover_one_way);
  add("turnover_two_way", &Row::turnover_two_way);
  add("long_exposure", &Row::long_exposure);
  add("short_exposure", &Row::short_exposure);
  table.columns.push_back(
      value_column<std::int64_t>("positions", rows, [](const Row& row) { return row.positions; }));
  table.columns.push_back(micros_column("equity", rows, equity));
  table.columns.push_back(micros_column("cash", rows, cash));
  // Only where perpetual futures were held.
  if (std::any_of(rows.begin(), rows.end(), [](const Row& row) { return row.funding != Money{}; })) {
    table.columns.push_back(units_column("funding", rows, [](const Row& row) { return row.funding; }));
  }
  if (std::any_of(rows.begin(), rows.end(), [](const Row& row) { return row.financing != Money{}; })) {
    table.columns.push_back(units_column("financing", rows, [](const Row& row) { return row.financing; }));
  }
  return table;
}

Table positions_table(const BacktestResult& result) {
  using Row = PositionRow;
  const auto& rows = result.positions;
  const auto quantity = [](const Row& row) { return row.quantity; };
  const auto price = [](const Row& row) { return row.mark; };
  Table table;
  table.columns.push_back(date_column(rows, [](const Row& row) { return row.date; }));
  table.columns.push_back(symbol_column(result.symbols, rows));
  table.columns.push_back(units_column("quantity", rows, quantity));
  table.columns.push_back(units_column("price", rows, price));
  table.columns.push_back(
      units_column("value", rows, [](const Row& row) { return multiply(row.mark, row.quantity); }));
  table.columns.push_back(micros_column("quantity", rows, quantity));
  table.columns.push_back(micros_column("price", rows, price));
  return table;
}

Table weights_table(const BacktestResult& result) {
  using Row = WeightRow;
  const auto& rows = result.weights;
  Table table;
  table.columns.push_back(date_column(rows, [](const Row& row) { return row.date; }));
  table.columns.push_back(symbol_column(result.symbols, rows));
  table.columns.push_back(value_column<double>("weight", rows, [](const Row& row) { return row.weight; }));
  table.columns.push_back(value_column<double>("score", rows, [](const Row& row) { return row.score; }));
  table.columns.push_back(value_column<std::int64_t>("rank", rows, [](const Row& row) { return row.rank; }));
  table.columns.push_back(text_column("reason", rows, [](const Row& row) { return row.reason; }));
  // Only where a drawdown ladder stood between the strategy and the market.
  if (std::any_of(rows.begin(), rows.end(), [](const Row& row) { return !std::isnan(row.asked); })) {
    table.columns.push_back(value_column<double>("asked", rows, [](const Row& row) { return row.asked; }));
  }
  return table;
}

Table risk_events_table(const BacktestResult& result) {
  using Row = RiskEvent;
  const auto& rows = result.risk_events;
  Table table;
  table.columns.push_back(date_column(rows, [](const Row& row) { return row.date; }));
  table.columns.push_back(value_column<std::int64_t>("from", rows, [](const Row& row) { return row.from; }));
  table.columns.push_back(value_column<std::int64_t>("to", rows, [](const Row& row) { return row.to; }));
  table.columns.push_back(
      value_column<double>("drawdown", rows, [](const Row& row) { return row.drawdown; }));
  table.columns.push_back(
      text_column("cause", rows, [](const Row& row) { return std::string_view(row.cause); }));
  return table;
}

Table order_checks_table(const BacktestResult& result) {
  using Row = OrderFinding;
  const auto& rows = result.findings;
  Table table;
  table.columns.push_back(date_column(rows, [](const Row& row) { return row.session.date; }));
  table.columns.push_back(symbol_column(result.symbols, rows));
  table.columns.push_back(text_column("side", rows, [](const Row& row) {
    return row.instrument == kNoInstrument ? std::string_view() : to_string(row.side);
  }));
  table.columns.push_back(units_column("quantity", rows, [](const Row& row) { return row.shares; }));
  table.columns.push_back(text_column(
      "verdict", rows, [](const Row& row) { return std::string_view(row.refused ? "refused" : "warned"); }));
  table.columns.push_back(text_column("rule", rows, [](const Row& row) { return row.rule; }));
  table.columns.push_back(
      text_column("figures", rows, [](const Row& row) { return std::string_view(row.figures); }));
  table.columns.push_back(
      value_column<std::int64_t>("order_id", rows, [](const Row& row) { return row.order_id; }));
  return table;
}

Table realised_lots_table(const std::vector<std::string>& symbols, const std::vector<RealisedLot>& lots) {
  using Row = RealisedLot;
  Table table;
  table.columns.push_back(date_column(lots, [](const Row& row) { return row.disposed; }));
  table.columns.push_back(symbol_column(symbols, lots));
  table.columns.push_back(value_column<Date>("acquired", lots, [](const Row& row) { return row.acquired; }));
  table.columns.push_back(
      value_column<Date>("held_since", lots, [](const Row& row) { return row.held_since; }));
  table.columns.push_back(units_column("quantity", lots, [](const Row& row) { return row.quantity; }));
  table.columns.push_back(units_column("proceeds", lots, [](const Row& row) { return row.proceeds; }));
  table.columns.push_back(units_column("cost", lots, [](const Row& row) { return row.cost; }));
  table.columns.push_back(units_column("gain", lots, [](const Row& row) { return row.gain(); }));
  table.columns.push_back(units_column("disallowed", lots, [](const Row& row) { return row.disallowed; }));
  table.columns.push_back(units_column("recognised", lots, [](const Row& row) { return row.recognised(); }));
  table.columns.push_back(text_column(
      "term", lots, [](const Row& row) { return std::string_view(row.long_term() ? "long" : "short"); }));
  table.columns.push_back(value_column<std::int64_t>("lot", lots, [](const Row& row) { return row.lot; }));
  return table;
}

Table currencies_table(const std::vector<CurrencyDay>& days) {
  using Row = CurrencyDay;
  Table table;
  const auto add = [&](std::string name, double Row::*member) {
    table.columns.push_back(
        value_column<double>(std::move(name), days, [&](const Row& row) { return row.*member; }));
  };
  table.columns.push_back(date_column(days, [](const Row& row) { return row.date; }));
  table.columns.push_back(
      value_column<std::string>("currency", days, [](const Row& row) { return row.currency; }));
  add("rate", &Row::rate);
  add("exposure", &Row::exposure);
  add("price_profit", &Row::price_profit);
  add("exchange_profit", &Row::exchange_profit);
  return table;
}

Table unfilled_table(const BacktestResult& result) {
  using Row = UnfilledOrder;
  const auto& rows = result.unfilled;
  Table table;
  table.columns.push_back(date_column(rows, [](const Row& row) { return row.session.date; }));
  table.columns.push_back(symbol_column(result.symbols, rows));
  table.columns.push_back(text_column("side", rows, [](const Row& row) { return to_string(row.side); }));
  table.columns.push_back(units_column("quantity", rows, [](const Row& row) { return row.quantity; }));
  table.columns.push_back(text_column("reason", rows, [](const Row& row) { return to_string(row.reason); }));
  table.columns.push_back(
      value_column<std::int64_t>("order_id", rows, [](const Row& row) { return row.order_id; }));
  return table;
}

}  // namespace orrery
