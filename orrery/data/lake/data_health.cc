#include "orrery/data/lake/data_health.h"

#include <algorithm>
#include <map>
#include <utility>

#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/event_day.h"
#include "orrery/data/lake/fetch_coverage.h"
#include "orrery/data/text_codes.h"
#include "orrery/market/calendar.h"

namespace orrery {
namespace {

using Moments = std::vector<std::int64_t>;

/// The days of one symbol's rows, as they come.
struct FoundDays {
  std::vector<Date> days;
  std::size_t rows = 0;
  std::int64_t retrieved = 0;
};

using SymbolAndSource = std::pair<std::string, std::string>;

/// The column that names what a row is about; "" where a table is none of facts about something.
std::string name_column(const TableDefinition& definition) {
  const bool has_times = definition.schema.find(kEventTime) != nullptr &&
                         definition.schema.find(kRetrievedTime) != nullptr &&
                         definition.schema.find(kSource) != nullptr;
  for (const auto* name : {"symbol", "series"}) {
    if (has_times && definition.schema.find(name) != nullptr) return name;
  }
  return "";
}

std::map<SymbolAndSource, FoundDays> read_days(LakeTable& table, const std::string& table_name,
                                               const std::string& name,
                                               const std::vector<std::string>& symbols) {
  std::map<SymbolAndSource, FoundDays> found;
  ScanRequest request{.columns = {name, kSource, kEventTime, kRetrievedTime}};
  if (!symbols.empty()) request.where.push_back(one_of(name, symbols));
  const auto scan = table.scan(request);
  while (const auto rows = scan->next()) {
    const auto& names = std::get<DictionaryStrings>(rows->column(name).values);
    const auto& sources = std::get<DictionaryStrings>(rows->column(kSource).values);
    const auto& events = std::get<Moments>(rows->column(kEventTime).values);
    const auto& retrieved = std::get<Moments>(rows->column(kRetrievedTime).values);
    std::map<std::pair<std::int32_t, std::int32_t>, FoundDays*> by_code;
    for (std::size_t row = 0; row < events.size(); ++row) {
      FoundDays*& days = by_code[{names.codes[row], sources.codes[row]}];
      if (days == nullptr) {
        days = &found[{std::string(text_at(names, row)), std::string(text_at(sources, row))}];
      }
      const Date day = event_day(table_name, events[row]);
      if (days->days.empty() || days->days.back() != day) days->days.push_back(day);
      days->retrieved = std::max(days->retrieved, retrieved[row]);
      ++days->rows;
    }
  }
  return found;
}

/// Tables whose rows are due on every session.
bool has_sessions(const std::string& table) {
  return table.starts_with("bars_") || table.starts_with("adjusted_bars_") || table == "funding";
}

Calendar calendar_for(const std::vector<Date>& days, const std::string& source,
                      const HealthRequest& request) {
  if (!request.calendar.empty()) return find_calendar(request.calendar);
  const auto known = request.calendars.find(source);
  if (known != request.calendars.end()) return find_calendar(known->second);
  const bool on_weekends = std::any_of(days.begin(), days.end(), [](Date day) { return weekday(day) >= 5; });
  return find_calendar(on_weekends ? "24/7" : "XNYS");
}

/// The sessions without a row, those in a row together.
std::vector<SessionGap> gaps_in(const std::vector<Date>& days, const Calendar& calendar) {
  std::vector<SessionGap> gaps;
  for (std::size_t i = 1; i < days.size(); ++i) {
    if (days[i] - days[i - 1] <= 1) continue;
    const auto missing = calendar.sessions(days[i - 1] + 1, days[i] - 1);
    if (!missing.empty()) gaps.push_back({missing.front(), missing.back(), missing.size()});
  }
  return gaps;
}

SymbolHealth judge(const std::string& table, const SymbolAndSource& name, FoundDays found,
                   const HealthRequest& request) {
  auto& days = found.days;
  std::sort(days.begin(), days.end());
  days.erase(std::unique(days.begin(), days.end()), days.end());
  SymbolHealth health;
  health.table = table;
  health.symbol = name.first;
  health.source = name.second;
  health.rows = found.rows;
  health.first = days.front();
  health.last = days.back();
  health.retrieved = {found.retrieved};
  if (!has_sessions(table)) return health;
  const Calendar calendar = calendar_for(days, name.second, request);
  const Date yesterday = event_day(request.now.nanoseconds) - 1;
  health.calendar = calendar.name();
  health.gaps = gaps_in(days, calendar);
  for (const auto& gap : health.gaps) health.missing += gap.sessions;
  health.late = calendar.sessions(health.last + 1, yesterday).size();
  return health;
}

/// When each symbol was last asked for in vain or not, by table, symbol and source.
std::map<std::string, std::int64_t> read_notes(Lake& lake) {
  std::map<std::string, std::int64_t> latest;
  const auto names = lake.tables();
  if (std::find(names.begin(), names.end(), kFetchNotes) == names.end()) return latest;
  auto notes = lake.open(kFetchNotes);
  const auto rows = notes.scan({.columns = {"table", "symbol", kSource, kRetrievedTime}})->rest();
  const auto text = [&rows](const char* column, std::size_t row) {
    return std::string(text_at(std::get<DictionaryStrings>(rows.column(column).values), row));
  };
  const auto& retrieved = std::get<Moments>(rows.column(kRetrievedTime).values);
  for (std::size_t row = 0; row < retrieved.size(); ++row) {
    auto& moment = latest[text("table", row) + "\n" + text("symbol", row) + "\n" + text(kSource, row)];
    moment = std::max(moment, retrieved[row]);
  }
  return latest;
}

}  // namespace

std::vector<SymbolHealth> check_health(Lake& lake, const HealthRequest& request) {
  const auto notes = read_notes(lake);
  std::vector<SymbolHealth> all;
  for (const auto& table : request.tables.empty() ? lake.tables() : request.tables) {
    auto opened = lake.open(table);
    const auto name = name_column(opened.definition());
    if (name.empty() || table == "quarantine") continue;
    for (auto& [symbol, days] : read_days(opened, table, name, request.symbols)) {
      auto health = judge(table, symbol, std::move(days), request);
      const auto note = notes.find(table + "\n" + symbol.first + "\n" + symbol.second);
      if (note != notes.end())
        health.retrieved.nanoseconds = std::max(health.retrieved.nanoseconds, note->second);
      all.push_back(std::move(health));
    }
  }
  return all;
}

}  // namespace orrery
