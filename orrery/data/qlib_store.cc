#include "orrery/data/qlib_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include <sstream>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/letter_case.h"
#include "orrery/base/not_a_number.h"

namespace orrery {
namespace {

namespace fs = std::filesystem;

Error corrupt(const fs::path& file, const std::string& what) {
  return external_error(ErrorCode::kDataCorrupt, fmt::format("{}: {}", file.string(), what));
}

std::vector<std::string> read_lines(const fs::path& file) {
  std::istringstream text(read_file(file));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) {
    while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())) != 0) line.pop_back();
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

Date read_day(const fs::path& file, const std::string& text) {
  const auto date = parse_date(text);
  if (!date) throw corrupt(file, fmt::format("is expected to hold days YYYY-MM-DD, found '{}'", text));
  return *date;
}

std::vector<Date> read_calendar(const fs::path& file) {
  std::vector<Date> days;
  for (const auto& line : read_lines(file)) {
    days.push_back(read_day(file, line));
    if (days.size() > 1 && !(days[days.size() - 2] < days.back()))
      throw corrupt(file, fmt::format("the days must ascend, but {} comes late", line));
  }
  return days;
}

struct Interval {
  Date first, last;
};

/// By symbol; a name may have several intervals.
using Instruments = std::map<std::string, std::vector<Interval>>;

Instruments read_instruments(const fs::path& file) {
  Instruments instruments;
  for (const auto& line : read_lines(file)) {
    std::istringstream parts(line);
    std::string symbol;
    std::string first;
    std::string last;
    if (!(parts >> symbol >> first >> last))
      throw corrupt(file,
                    fmt::format("a line is expected to hold symbol, first and last day, found '{}'", line));
    instruments[symbol].push_back({read_day(file, first), read_day(file, last)});
  }
  return instruments;
}

/// A field's values by session of the calendar; sessions that the file does not reach are missing.
struct FieldSeries {
  std::size_t start = 0;
  std::vector<float> values;

  double at(std::size_t session) const {
    return session < start || session - start >= values.size() ? kNaN
                                                               : static_cast<double>(values[session - start]);
  }
};

std::optional<FieldSeries> read_field(const fs::path& file, std::size_t sessions) {
  if (!fs::exists(file)) return std::nullopt;
  const std::string bytes = read_file(file);
  if (bytes.size() % sizeof(float) != 0 || bytes.empty())
    throw corrupt(file,
                  fmt::format("is expected to hold whole 4-byte numbers, found {} bytes", bytes.size()));
  std::vector<float> numbers(bytes.size() / sizeof(float));
  std::memcpy(numbers.data(), bytes.data(), bytes.size());
  const float start = numbers.front();
  const bool fits =
      start >= 0.0F && start == std::floor(start) &&
      static_cast<double>(start) + static_cast<double>(numbers.size() - 1) <= static_cast<double>(sessions);
  if (!fits)
    throw corrupt(file, fmt::format("begins at session {} with {} values, but the calendar has {} sessions",
                                    start, numbers.size() - 1, sessions));
  numbers.erase(numbers.begin());
  return FieldSeries{static_cast<std::size_t>(start), std::move(numbers)};
}

/// The fields of one symbol; a field that is not there is empty.
struct SymbolFields {
  std::map<std::string, FieldSeries> fields;

  bool has(const std::string& name) const { return fields.contains(name); }
  double at(const std::string& name, std::size_t session) const {
    const auto found = fields.find(name);
    return found == fields.end() ? kNaN : found->second.at(session);
  }
};

SymbolFields read_symbol(const fs::path& folder, std::size_t sessions) {
  SymbolFields symbol;
  for (const char* name : {"open", "high", "low", "close", "volume", "vwap", "factor"}) {
    if (auto field = read_field(folder / fmt::format("{}.day.bin", name), sessions))
      symbol.fields[name] = std::move(*field);
  }
  return symbol;
}

bool belongs(const std::vector<Interval>& intervals, Date date) {
  return std::any_of(intervals.begin(), intervals.end(), [&](const Interval& interval) {
    return interval.first <= date && date <= interval.last;
  });
}

/// The columns while they grow.
struct QlibRows {
  std::vector<Date> dates;
  DictionaryStrings symbols;
  std::map<std::string, std::vector<double>> numbers;

  void add(Date date, const SymbolFields& symbol, std::size_t session) {
    dates.push_back(date);
    symbols.codes.push_back(static_cast<std::int32_t>(symbols.dictionary.size()) - 1);
    const double factor = symbol.has("factor") ? symbol.at("factor", session) : 1.0;
    for (const char* name : {"open", "high", "low", "close", "vwap"})
      numbers[name].push_back(symbol.at(name, session) / factor);
    numbers["volume"].push_back(symbol.at("volume", session) * factor);
    numbers["adj_close"].push_back(symbol.at("close", session));
  }
  Table take(bool with_vwap) {
    Table table{{{"date", std::move(dates)}, {"symbol", std::move(symbols)}}};
    for (const char* name : {"open", "high", "low", "close", "volume", "adj_close", "vwap"}) {
      if (with_vwap || std::string_view(name) != "vwap")
        table.columns.push_back({name, std::move(numbers[name])});
    }
    return table;
  }
};

std::vector<MembershipInterval> members_of(const Instruments& instruments) {
  std::vector<MembershipInterval> members;
  for (const auto& [name, intervals] : instruments) {
    for (const auto& interval : intervals) members.push_back({name, interval.first, interval.last});
  }
  return members;
}

/// When the store's instruments were listed. A name that `all` lacks is listed while it belongs.
std::vector<Interval> listed_intervals(const Instruments& all, const std::string& name,
                                       const std::vector<Interval>& member) {
  const auto found = all.find(name);
  return found == all.end() ? member : found->second;
}

}  // namespace

QlibStore read_qlib_store(const fs::path& folder, const std::string& market) {
  const auto calendar = read_calendar(folder / "calendars" / "day.txt");
  const auto instruments = read_instruments(folder / "instruments" / (market + ".txt"));
  const auto all_file = folder / "instruments" / "all.txt";
  const auto all = market == "all" || !fs::exists(all_file) ? Instruments() : read_instruments(all_file);
  QlibStore store;
  store.sessions = calendar.size();
  if (market != "all") store.members = members_of(instruments);
  QlibRows rows;
  bool with_vwap = true;
  for (const auto& [name, intervals] : instruments) {
    const auto symbol = read_symbol(folder / "features" / lower_case(name), calendar.size());
    if (!symbol.has("close") || !symbol.has("volume")) {
      store.without_data.push_back(name);
      continue;
    }
    ++store.symbols;
    with_vwap = with_vwap && symbol.has("vwap");
    rows.symbols.dictionary.push_back(name);
    const auto listed = listed_intervals(all, name, intervals);
    for (std::size_t session = 0; session < calendar.size(); ++session) {
      if (!belongs(listed, calendar[session]) || std::isnan(symbol.at("close", session))) continue;
      rows.add(calendar[session], symbol, session);
    }
  }
  store.prices = rows.take(with_vwap);
  return store;
}

}  // namespace orrery
