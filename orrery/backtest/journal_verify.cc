#include "orrery/backtest/journal_verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include "orrery/base/error.h"

namespace orrery {
namespace {

// This file shares no arithmetic with the engine on purpose: it is the second opinion.

constexpr std::int64_t kMicros = 1'000'000;
constexpr std::int64_t kBillion = 1'000'000'000;
constexpr std::size_t kMostDifferences = 100;

/// left × right / whole, half to even.
std::int64_t part_of(std::int64_t left, std::int64_t right, std::int64_t whole) {
  const __int128 product = static_cast<__int128>(left) * right;
  __int128 floor = product / whole;
  __int128 rest = product % whole;
  if (rest < 0) {
    rest += whole;
    --floor;
  }
  const bool up = rest * 2 > whole || (rest * 2 == whole && floor % 2 != 0);
  return static_cast<std::int64_t>(up ? floor + 1 : floor);
}

/// price × quantity in micro-units, half to even.
std::int64_t amount_of(std::int64_t price, std::int64_t quantity) {
  return part_of(price, quantity, kMicros);
}

template <class Values>
const Values& values_of(const Table& table, const char* table_name, std::string_view column) {
  const auto* values = std::get_if<Values>(&table.column(column).values);
  if (values != nullptr) return *values;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("column '{}' of {} has not the type that a run folder has", column, table_name));
}

const std::vector<std::int64_t>& micros_of(const Table& table, const char* table_name,
                                           std::string_view column) {
  return values_of<std::vector<std::int64_t>>(table, table_name, column);
}

std::vector<std::string> texts_of(const Table& table, const char* table_name, std::string_view column) {
  const auto* plain = std::get_if<std::vector<std::string>>(&table.column(column).values);
  if (plain != nullptr) return *plain;
  const auto& coded = values_of<DictionaryStrings>(table, table_name, column);
  std::vector<std::string> texts;
  texts.reserve(coded.codes.size());
  for (const std::int32_t code : coded.codes) texts.push_back(code < 0 ? "" : coded.dictionary[code]);
  return texts;
}

struct Entries {
  explicit Entries(const Table& table)
      : dates(values_of<std::vector<Date>>(table, "trades", "date")),
        kinds(texts_of(table, "trades", "kind")),
        symbols(texts_of(table, "trades", "symbol")),
        sides(texts_of(table, "trades", "side")),
        quantity(micros_of(table, "trades", "quantity_micros")),
        price(micros_of(table, "trades", "price_micros")),
        value(micros_of(table, "trades", "value_micros")),
        commission(micros_of(table, "trades", "commission_micros")),
        slippage(micros_of(table, "trades", "slippage_micros")),
        rate(rates_of(table)),
        reasons(texts_of(table, "trades", "reason")) {}

  const std::vector<Date>& dates;
  std::vector<std::string> kinds, symbols, sides;
  const std::vector<std::int64_t>&quantity, &price, &value, &commission, &slippage;
  std::vector<std::int64_t> rate;  ///< billionths
  std::vector<std::string> reasons;

 private:
  /// Runs without bookings at a rate have no column of them.
  static std::vector<std::int64_t> rates_of(const Table& table) {
    const bool has_rates = std::any_of(table.columns.begin(), table.columns.end(),
                                       [](const Column& column) { return column.name == "rate_billionths"; });
    if (!has_rates) return std::vector<std::int64_t>(table.rows(), 0);
    return micros_of(table, "trades", "rate_billionths");
  }
};

struct Marks {
  explicit Marks(const Table& table)
      : dates(values_of<std::vector<Date>>(table, "positions", "date")),
        symbols(texts_of(table, "positions", "symbol")),
        quantity(micros_of(table, "positions", "quantity_micros")),
        price(micros_of(table, "positions", "price_micros")) {}

  const std::vector<Date>& dates;
  std::vector<std::string> symbols;
  const std::vector<std::int64_t>&quantity, &price;
};

/// The account, rebuilt entry by entry.
class Books {
 public:
  explicit Books(std::vector<JournalDifference>& differences) : differences_(differences) {}

  void apply(const Entries& entries, std::size_t i) {
    const std::string& kind = entries.kinds[i];
    if (kind == "deposit") {
      cash_ += entries.value[i];
    } else if (kind == "adjustment") {
      cash_ += entries.value[i];
      if (!entries.symbols[i].empty()) change_shares(entries.symbols[i], entries.quantity[i]);
    } else if (kind == "split") {
      change_shares(entries.symbols[i], entries.quantity[i]);
    } else if (kind == "rename") {
      apply_rename(entries, i);
    } else if (kind == "funding") {
      apply_funding(entries, i);
    } else if (kind == "borrow_fee") {
      apply_borrow_fee(entries, i);
    } else if (kind == "interest") {
      apply_interest(entries, i);
    } else if (kind == "dividend") {
      confirm(entries.dates[i], "dividend shares", entries.symbols[i], shares_of(entries.symbols[i]),
              entries.quantity[i]);
      cash_ += confirmed_value(entries, i);
    } else {
      exchange(entries, i);
    }
  }

  /// Compares what is held after a session with the rows [begin, end) of the positions, and returns the
  /// equity at their prices.
  std::int64_t confirm_positions(Date date, const Marks& marks, std::size_t begin, std::size_t end) {
    std::int64_t equity = cash_;
    auto unseen = shares_;
    last_prices_.clear();
    for (std::size_t i = begin; i < end; ++i) {
      confirm(date, "quantity", marks.symbols[i], shares_of(marks.symbols[i]), marks.quantity[i]);
      equity += amount_of(marks.price[i], shares_of(marks.symbols[i]));
      unseen.erase(marks.symbols[i]);
      last_prices_[marks.symbols[i]] = marks.price[i];
    }
    for (const auto& [symbol, shares] : unseen) confirm(date, "quantity", symbol, shares, 0);
    return equity;
  }

  void confirm(Date date, const char* what, const std::string& symbol, std::int64_t rebuilt,
               std::int64_t written) {
    if (rebuilt != written && differences_.size() < kMostDifferences) {
      differences_.push_back({date, what, symbol, rebuilt, written});
    }
  }

  std::int64_t cash() const { return cash_; }

 private:
  /// The shares go from the symbol before, which is the reason, to the one that stands there. Renames of one
  /// session may pass symbols on, in any order.
  void apply_rename(const Entries& entries, std::size_t i) {
    const std::string& after = entries.symbols[i];
    change_shares(entries.reasons[i], -entries.quantity[i]);
    change_shares(after, entries.quantity[i]);
    if (entries.quantity[i] != 0) last_prices_[after] = entries.price[i];
    confirm(entries.dates[i], "value of a rename", after, 0, entries.value[i]);
  }

  /// Who is long pays a positive rate of the value at the mark price.
  void apply_funding(const Entries& entries, std::size_t i) {
    const std::int64_t held = shares_of(entries.symbols[i]);
    confirm(entries.dates[i], "contracts at the funding", entries.symbols[i], held, entries.quantity[i]);
    const std::int64_t received = -part_of(amount_of(entries.price[i], held), entries.rate[i], kBillion);
    confirm(entries.dates[i], "funding", entries.symbols[i], received, entries.value[i]);
    cash_ += received;
  }

  /// Of the shares that were short at the last session's prices.
  void apply_borrow_fee(const Entries& entries, std::size_t i) {
    const std::string& symbol = entries.symbols[i];
    const std::int64_t held = std::min<std::int64_t>(shares_of(symbol), 0);
    confirm(entries.dates[i], "shares borrowed", symbol, held, entries.quantity[i]);
    confirm(entries.dates[i], "price of the shares borrowed", symbol, last_prices_[symbol], entries.price[i]);
    const std::int64_t fee = part_of(amount_of(last_prices_[symbol], held), entries.rate[i], kBillion);
    confirm(entries.dates[i], "fee of borrowing", symbol, fee, entries.value[i]);
    cash_ += fee;
  }

  /// Of cash less the value of short positions at the last session's prices.
  void apply_interest(const Entries& entries, std::size_t i) {
    std::int64_t free = cash_;
    for (const auto& [symbol, shares] : shares_) {
      if (shares < 0) free += amount_of(last_prices_[symbol], shares);
    }
    confirm(entries.dates[i], "free cash", "", free, entries.price[i]);
    confirm(entries.dates[i], "quantity of interest", "", kMicros, entries.quantity[i]);
    const std::int64_t earned = part_of(free, entries.rate[i], kBillion);
    confirm(entries.dates[i], "interest", "", earned, entries.value[i]);
    cash_ += earned;
  }

  void exchange(const Entries& entries, std::size_t i) {
    const bool buys = entries.sides[i] == "buy";
    const std::int64_t value = confirmed_value(entries, i);
    cash_ += (buys ? -value : value) - entries.commission[i] - entries.slippage[i];
    change_shares(entries.symbols[i], buys ? entries.quantity[i] : -entries.quantity[i]);
  }

  std::int64_t confirmed_value(const Entries& entries, std::size_t i) {
    const std::int64_t value = amount_of(entries.price[i], entries.quantity[i]);
    confirm(entries.dates[i], "value", entries.symbols[i], value, entries.value[i]);
    return value;
  }

  std::int64_t shares_of(const std::string& symbol) const {
    const auto found = shares_.find(symbol);
    return found == shares_.end() ? 0 : found->second;
  }

  void change_shares(const std::string& symbol, std::int64_t change) {
    auto& shares = shares_[symbol];
    shares += change;
    if (shares == 0) shares_.erase(symbol);
  }

  std::vector<JournalDifference>& differences_;
  std::int64_t cash_ = 0;
  std::map<std::string, std::int64_t> shares_;
  std::map<std::string, std::int64_t> last_prices_;  ///< of what was held after the last session
};

/// Checks that the columns for readers say the same as the exact ones.
void compare_readable(const Table& table, const char* table_name, const std::vector<std::string>& names,
                      std::vector<JournalDifference>& differences) {
  const auto& dates = values_of<std::vector<Date>>(table, table_name, "date");
  for (const std::string& name : names) {
    const auto& readable = values_of<std::vector<double>>(table, table_name, name);
    const auto& exact = micros_of(table, table_name, name + "_micros");
    for (std::size_t i = 0; i < exact.size() && differences.size() < kMostDifferences; ++i) {
      const double expected = static_cast<double>(exact[i]) / static_cast<double>(kMicros);
      if (readable[i] == expected) continue;
      const double written = std::nearbyint(readable[i] * static_cast<double>(kMicros));
      const bool fits = std::abs(written) < 9e18;
      differences.push_back({dates[i], fmt::format("{} column {}", table_name, name), "", exact[i],
                             fits ? static_cast<std::int64_t>(written) : 0});
    }
  }
}

std::string to_units(std::int64_t micros) {
  const auto size = static_cast<unsigned long long>(micros < 0 ? -static_cast<__int128>(micros) : micros);
  return fmt::format("{}{}.{:06}", micros < 0 ? "-" : "", size / kMicros, size % kMicros);
}

std::int64_t to_micros(double units) { return static_cast<std::int64_t>(std::nearbyint(units * 1e6)); }

/// The last usable close up to `row`, unless a split came after it: then nothing can be said.
std::optional<double> last_close(const MarketData& market, const Panel& closes, std::size_t row,
                                 std::size_t instrument) {
  for (std::size_t back = row + 1; back > 0; --back) {
    const double close = closes(back - 1, instrument);
    if (close > 0.0) return close;
    if (!market.split_ratio.empty() && market.split_ratio(back - 1, instrument) != 1.0) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

JournalVerification verify_journal(const Table& trades, const Table& positions, const Table& equity) {
  JournalVerification result;
  const Entries entries(trades);
  const Marks marks(positions);
  const auto& sessions = values_of<std::vector<Date>>(equity, "equity", "date");
  const auto& equity_written = micros_of(equity, "equity", "equity_micros");
  const auto& cash_written = micros_of(equity, "equity", "cash_micros");
  result.sessions = sessions.size();
  result.entries = entries.dates.size();
  Books books(result.differences);
  std::size_t entry = 0;
  std::size_t mark = 0;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    while (entry < entries.dates.size() && entries.dates[entry] <= sessions[i]) books.apply(entries, entry++);
    const std::size_t first_mark = mark;
    while (mark < marks.dates.size() && marks.dates[mark] <= sessions[i]) ++mark;
    books.confirm(sessions[i], "cash", "", books.cash(), cash_written[i]);
    const std::int64_t rebuilt = books.confirm_positions(sessions[i], marks, first_mark, mark);
    books.confirm(sessions[i], "equity", "", rebuilt, equity_written[i]);
  }
  if (entry < entries.dates.size()) {
    books.confirm(entries.dates[entry], "entries after the last session", "",
                  static_cast<std::int64_t>(entries.dates.size() - entry) * kMicros, 0);
  }
  compare_readable(trades, "trades", {"quantity", "price", "value", "commission", "slippage"},
                   result.differences);
  compare_readable(positions, "positions", {"quantity", "price"}, result.differences);
  compare_readable(equity, "equity", {"equity", "cash"}, result.differences);
  return result;
}

std::vector<JournalDifference> verify_prices(const Table& positions, const MarketData& market) {
  const Marks marks(positions);
  const Panel& closes = market.raw_field("close");
  std::vector<JournalDifference> differences;
  for (std::size_t i = 0; i < marks.dates.size() && differences.size() < kMostDifferences; ++i) {
    const std::size_t row = market.lower_row(marks.dates[i]);
    const auto instrument = market.find_symbol(marks.symbols[i]);
    if (!instrument || row >= market.rows() || market.dates[row] != marks.dates[i]) {
      differences.push_back(
          {marks.dates[i], "price without a bar in the data", marks.symbols[i], 0, marks.price[i]});
      continue;
    }
    const auto close = last_close(market, closes, row, *instrument);
    if (close && to_micros(*close) != marks.price[i]) {
      differences.push_back({marks.dates[i], "price", marks.symbols[i], to_micros(*close), marks.price[i]});
    }
  }
  return differences;
}

std::string JournalVerification::summary() const {
  if (verified()) {
    return fmt::format(
        "verified: {} entries over {} sessions rebuild cash, positions and equity to the micro-unit", entries,
        sessions);
  }
  const JournalDifference& first = differences.front();
  return fmt::format("{}: {}{} differs by {}: rebuilt {}, written {} ({} difference{} in all{})",
                     to_string(first.date), first.what, first.symbol.empty() ? "" : " of " + first.symbol,
                     to_units(first.written - first.rebuilt), to_units(first.rebuilt),
                     to_units(first.written), differences.size(), differences.size() == 1 ? "" : "s",
                     differences.size() == kMostDifferences ? " or more" : "");
}

}  // namespace orrery
