#include "orrery/data/lake/validate_bars.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "orrery/base/same_number.h"
#include "orrery/data/lake/action_kinds.h"
#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/event_day.h"
#include "orrery/data/lake/table_rows.h"
#include "orrery/data/number_text.h"
#include "orrery/data/text_codes.h"

namespace orrery {
namespace {

using Moments = std::vector<std::int64_t>;
using Numbers = std::vector<double>;

struct BarColumn {
  const char* name;
  Numbers PriceHistory::*values;
};
constexpr std::array<BarColumn, 5> kBarColumns = {{{"open", &PriceHistory::open},
                                                   {"high", &PriceHistory::high},
                                                   {"low", &PriceHistory::low},
                                                   {"close", &PriceHistory::close},
                                                   {"volume", &PriceHistory::volume}}};

/// Relative difference up to which two sources say the same of a close.
constexpr double kConfirmed = 0.02;

const Moments& moments_of(const Table& table, const char* column) {
  return std::get<Moments>(table.column(column).values);
}

template <class Values>
Values& values_of(Table& table, std::string_view name) {
  return std::get<Values>(table.column(name).values);
}

/// The rows of a table that are about one symbol, by day.
struct SymbolRows {
  std::vector<Date> days;
  std::vector<std::uint32_t> rows;
};

/// Rows of a table that comes by symbol and event, as known; of two of one day the later.
std::map<std::string, SymbolRows> by_symbol(const Table& table, const std::string& name) {
  std::map<std::string, SymbolRows> symbols;
  const auto& events = moments_of(table, kEventTime);
  for (std::uint32_t row = 0; row < table.rows(); ++row) {
    auto& one = symbols[text_at(table.column("symbol"), row)];
    const Date day = event_day(name, events[row]);
    const bool is_again = name != kActionsTable && !one.days.empty() && one.days.back() == day;
    if (is_again) {
      one.rows.back() = row;
      continue;
    }
    one.days.push_back(day);
    one.rows.push_back(row);
  }
  return symbols;
}

/// One symbol's history, and which rows of corporate_actions it holds.
struct SymbolHistory {
  PriceHistory history;
  std::map<std::size_t, std::vector<std::uint32_t>> dividend_rows;  ///< by bar: their rows
};

SymbolHistory history_of(const Table& bars, const SymbolRows& rows) {
  SymbolHistory made;
  made.history.date = rows.days;
  for (const auto& column : kBarColumns) {
    if (!has_column(bars, column.name)) continue;
    const auto& values = std::get<Numbers>(bars.column(column.name).values);
    for (const auto row : rows.rows) (made.history.*column.values).push_back(values[row]);
  }
  made.history.dividend.assign(rows.days.size(), 0.0);
  made.history.split_ratio.assign(rows.days.size(), 1.0);
  return made;
}

/// Puts actions on the first bar on or after their day.
void place(const Table& actions, const SymbolRows& rows, SymbolHistory& made) {
  const auto& values = std::get<Numbers>(actions.column("value").values);
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    const auto& days = made.history.date;
    const auto bar =
        static_cast<std::size_t>(std::lower_bound(days.begin(), days.end(), rows.days[i]) - days.begin());
    const double value = values[rows.rows[i]];
    if (bar == days.size() || !(value > 0.0)) continue;
    const auto& kind = text_at(actions.column("kind"), rows.rows[i]);
    if (kind == kSplitKind) made.history.split_ratio[bar] *= value;
    if (kind != kDividendKind) continue;
    made.history.dividend[bar] += value;
    made.dividend_rows[bar].push_back(rows.rows[i]);
  }
}

/// Rows on their way into a table, made from rows that are there.
class NewRows {
 public:
  explicit NewRows(const Table& from) : from_(&from) {}

  /// Returns the place of the new row.
  std::size_t add(std::uint32_t row) {
    rows_.push_back(row);
    return rows_.size() - 1;
  }
  void set(std::size_t place, const char* column, double value) {
    values_[column].emplace_back(place, value);
  }
  void set_event(std::size_t place, Timestamp event) { events_.emplace_back(place, event); }
  bool empty() const { return rows_.empty(); }
  std::size_t size() const { return rows_.size(); }

  Table take(Timestamp now) const {
    Table table = take_rows(*from_, rows_);
    for (const auto& [column, values] : values_) {
      for (const auto& [place, value] : values) values_of<Numbers>(table, column)[place] = value;
    }
    for (const auto& [place, event] : events_)
      values_of<Moments>(table, kEventTime)[place] = event.nanoseconds;
    values_of<Moments>(table, kRetrievedTime).assign(table.rows(), now.nanoseconds);
    for (auto& known : values_of<Moments>(table, kKnownTime)) known = std::max(known, now.nanoseconds);
    values_of<DictionaryStrings>(table, kSource) = repeated_text(table.rows(), kRepairSource);
    return table;
  }

 private:
  const Table* from_;
  std::vector<std::uint32_t> rows_;
  std::map<std::string, std::vector<std::pair<std::size_t, double>>> values_;
  std::vector<std::pair<std::size_t, Timestamp>> events_;
};

/// Closes of every source, by symbol, day and source.
using Closes = std::map<std::string, std::map<Date, std::map<std::string, double>>>;

/// Validates one table.
class BarsValidation {
 public:
  BarsValidation(Lake& lake, const ValidationRequest& request)
      : lake_(lake),
        request_(request),
        bars_(read(request.table)),
        actions_(has_actions() ? read(kActionsTable) : Table{}),
        new_bars_(bars_),
        new_actions_(actions_) {}

  Validation run() {
    const auto bars = by_symbol(bars_, request_.table);
    const auto actions =
        actions_.rows() > 0 ? by_symbol(actions_, kActionsTable) : std::map<std::string, SymbolRows>();
    for (const auto& [symbol, rows] : bars) {
      const auto found = actions.find(symbol);
      look_at(symbol, rows, found == actions.end() ? nullptr : &found->second);
    }
    drop_confirmed_jumps();
    if (request_.repair) write();
    return std::move(result_);
  }

 private:
  bool has_actions() {
    const auto tables = lake_.tables();
    return std::binary_search(tables.begin(), tables.end(), std::string(kActionsTable));
  }

  std::vector<RowFilter> where() const {
    if (request_.symbols.empty()) return {};
    return {one_of("symbol", request_.symbols)};
  }

  Table read(const std::string& name) {
    auto table = lake_.open(name);
    return scan_as_of(table, request_.now, {.where = where()})->rest();
  }

  void look_at(const std::string& symbol, const SymbolRows& rows, const SymbolRows* actions) {
    auto made = history_of(bars_, rows);
    if (actions != nullptr) place(actions_, *actions, made);
    ++result_.symbols;
    result_.rows += rows.days.size();
    const auto repair = repair_prices(made.history, SplitBasis::kAsTraded, request_.rules);
    for (const auto& finding : repair.findings) {
      result_.findings.push_back({symbol, text_at(bars_.column(kSource), rows.rows[finding.last_row]),
                                  rows.days[finding.first_row], rows.days[finding.last_row], finding});
    }
    collect_bars(rows, made.history, repair.history);
    collect_dividends(rows, made, repair.history);
  }

  void collect_bars(const SymbolRows& rows, const PriceHistory& given, const PriceHistory& repaired) {
    for (std::size_t bar = 0; bar < given.size(); ++bar) {
      std::optional<std::size_t> place;
      for (const auto& column : kBarColumns) {
        if ((given.*column.values).empty()) continue;
        const double was = (given.*column.values)[bar], is = (repaired.*column.values)[bar];
        if (is_same_number(was, is)) continue;
        if (!place) place = new_bars_.add(rows.rows[bar]);
        new_bars_.set(*place, column.name, is);
      }
      // A mean price in the old unit would contradict the bar.
      if (place && has_column(bars_, "vwap")) new_bars_.set(*place, "vwap", std::nan(""));
    }
  }

  /// Where several dividends fall on one bar, the share of each stays.
  void collect_dividends(const SymbolRows& rows, const SymbolHistory& made, const PriceHistory& repaired) {
    std::optional<std::uint32_t> moved;
    for (const auto& [bar, dividends] : made.dividend_rows) {
      const double was = made.history.dividend[bar], is = repaired.dividend[bar];
      if (was == is) continue;
      const auto& values = std::get<Numbers>(actions_.column("value").values);
      for (const auto row : dividends)
        new_actions_.set(new_actions_.add(row), "value", values[row] * (is / was));
      if (is == 0.0) moved = dividends.front();
    }
    for (std::size_t bar = 0; bar < repaired.size() && moved; ++bar) {
      if (!(repaired.dividend[bar] > 0.0) || made.history.dividend[bar] > 0.0) continue;
      const auto place = new_actions_.add(*moved);
      new_actions_.set(place, "value", repaired.dividend[bar]);
      new_actions_.set_event(place, start_of(rows.days[bar]));
    }
  }

  /// Reads what every source says of the symbols in which there are jumps.
  Closes closes_of(const std::set<std::string>& symbols) {
    Closes closes;
    auto table = lake_.open(request_.table);
    const auto rows = table
                          .scan_sorted({.columns = {"symbol", "close", kEventTime, kSource},
                                        .where = {one_of("symbol", {symbols.begin(), symbols.end()})}})
                          ->rest();
    const auto& values = std::get<Numbers>(rows.column("close").values);
    const auto& events = moments_of(rows, kEventTime);
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      closes[text_at(rows.column("symbol"), row)][event_day(events[row])]
            [text_at(rows.column(kSource), row)] = values[row];
    }
    return closes;
  }

  void drop_confirmed_jumps() {
    const auto is_jump = [](const SymbolFinding& one) { return one.finding.fault == PriceFault::kJump; };
    std::set<std::string> symbols;
    for (const auto& one : result_.findings) {
      if (is_jump(one)) symbols.insert(one.symbol);
    }
    if (symbols.empty()) return;
    const auto closes = closes_of(symbols);
    std::erase_if(result_.findings, [&](SymbolFinding& one) {
      if (!is_jump(one)) return false;
      const auto& said = closes.at(one.symbol).at(one.last);
      return std::any_of(said.begin(), said.end(), [&](const auto& other) {
        return other.first != one.source && std::abs(other.second / one.finding.was - 1.0) < kConfirmed;
      });
    });
  }

  void write() {
    if (!new_bars_.empty()) lake_.open(request_.table).append(new_bars_.take(request_.now));
    if (!new_actions_.empty()) lake_.open(kActionsTable).append(new_actions_.take(request_.now));
    result_.repaired_bars = new_bars_.size();
    result_.repaired_actions = new_actions_.size();
    write_notes();
  }

  void write_notes() {
    TextCodes tables, symbols, reasons, columns, found, sources;
    std::vector<Date> days;
    for (const auto& one : result_.findings) {
      if (!one.finding.repaired) continue;
      tables.append(tables.code(one.finding.field == "dividend" ? kActionsTable : request_.table.c_str()));
      symbols.append(symbols.code(one.symbol));
      reasons.append(reasons.code(fmt::format("repaired: {}", to_string(one.finding.fault))));
      columns.append(columns.code(one.finding.field));
      found.append(found.code(fmt::format("{} to {}: {} -> {}; {}", to_string(one.first), to_string(one.last),
                                          number_text(one.finding.was), number_text(one.finding.is),
                                          one.finding.reason)));
      sources.append(sources.code(one.source));
      days.push_back(one.last);
    }
    if (days.empty()) return;
    const Moments retrieved(days.size(), request_.now.nanoseconds);
    lake_.open_or_create(*standard_table("quarantine"))
        .append({{{"table", tables.take()},
                  {"symbol", symbols.take()},
                  {"date", std::move(days)},
                  {"reason", reasons.take()},
                  {"column", columns.take()},
                  {"found", found.take()},
                  {kRetrievedTime, retrieved},
                  {kSource, sources.take()}}});
  }

  Lake& lake_;
  const ValidationRequest& request_;
  Table bars_, actions_;
  NewRows new_bars_, new_actions_;
  Validation result_;
};

}  // namespace

Validation validate_bars(Lake& lake, const ValidationRequest& request) {
  return BarsValidation(lake, request).run();
}

}  // namespace orrery
