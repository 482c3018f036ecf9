#include "orrery/data/lake/fetch_coverage.h"

#include <algorithm>
#include <utility>

#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/event_day.h"
#include "orrery/data/text_codes.h"

namespace orrery {
namespace {

TableDefinition notes_definition() {
  TableDefinition definition;
  definition.name = kFetchNotes;
  definition.description = "What was fetched: notes by which the next fetch knows where to begin.";
  definition.schema.fields = {{.name = "table"},
                              {.name = "symbol"},
                              {.name = kSource},
                              {.name = "begin", .type = DeltaType::kDate},
                              {.name = "end", .type = DeltaType::kDate},
                              {.name = "rows", .type = DeltaType::kLong},
                              {.name = kRetrievedTime, .type = DeltaType::kTimestamp}};
  definition.sort_by = {"table", "symbol", "begin"};
  return definition;
}

bool has_table(Lake& lake, const std::string& name) {
  const auto names = lake.tables();
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Series of the table macro have another name for it.
std::string symbol_column(const std::string& table) { return table == "macro" ? "series" : "symbol"; }

}  // namespace

void note_fetches(Lake& lake, const std::vector<FetchNote>& notes) {
  if (notes.empty()) return;
  TextCodes tables, symbols, sources;
  std::vector<Date> begins, ends;
  std::vector<std::int64_t> rows, retrieved;
  for (const auto& note : notes) {
    tables.append(tables.code(note.table));
    symbols.append(symbols.code(note.symbol));
    sources.append(sources.code(note.source));
    begins.push_back(note.begin.value_or(kMissingDate));
    ends.push_back(note.end);
    rows.push_back(static_cast<std::int64_t>(note.rows));
    retrieved.push_back(note.retrieved.nanoseconds);
  }
  lake.open_or_create(notes_definition())
      .append({{{"table", tables.take()},
                {"symbol", symbols.take()},
                {kSource, sources.take()},
                {"begin", std::move(begins)},
                {"end", std::move(ends)},
                {"rows", std::move(rows)},
                {kRetrievedTime, std::move(retrieved)}}});
}

UpdateRule update_rule(const std::string& table) {
  if (table == "macro") return {.is_whole = true};
  if (table == "fundamentals") return {.by_event = false};
  if (table == "trades") return {.overlap_days = 1};
  if (table == "positioning") return {.overlap_days = 14};  // two reports
  return {};
}

FetchCoverage::FetchCoverage(Lake& lake, std::string table, const std::vector<std::string>& symbols)
    : table_(std::move(table)), rule_(update_rule(table_)) {
  if (rule_.is_whole) return;
  if (has_table(lake, kFetchNotes)) read_notes(lake, symbols);
  if (rule_.by_event && has_table(lake, table_)) read_ends(lake, symbols);
}

void FetchCoverage::read_notes(Lake& lake, const std::vector<std::string>& symbols) {
  auto notes = lake.open(kFetchNotes);
  const auto found = notes.scan({.columns = {"symbol", "begin", "end"},
                                 .where = {one_of("table", {table_}), one_of("symbol", symbols)}});
  const Table rows = found->rest();
  const auto& names = std::get<DictionaryStrings>(rows.column("symbol").values);
  const auto& begins = std::get<std::vector<Date>>(rows.column("begin").values);
  const auto& ends = std::get<std::vector<Date>>(rows.column("end").values);
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    spans_[std::string(text_at(names, row))].push_back({begins[row], ends[row]});
  }
  for (auto& [symbol, spans] : spans_) {
    std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
  }
}

void FetchCoverage::read_ends(Lake& lake, const std::vector<std::string>& symbols) {
  auto table = lake.open(table_);
  const auto column = symbol_column(table_);
  const auto found = table.scan({.columns = {column, kEventTime}, .where = {one_of(column, symbols)}});
  while (const auto rows = found->next()) {
    const auto& names = std::get<DictionaryStrings>(rows->column(column).values);
    const auto& events = std::get<std::vector<std::int64_t>>(rows->column(kEventTime).values);
    for (std::size_t row = 0; row < events.size(); ++row) {
      const Date day = event_day(events[row]);
      const auto [entry, is_new] = ends_.try_emplace(std::string(text_at(names, row)), day);
      if (!is_new) entry->second = std::max(entry->second, day);
    }
  }
}

std::optional<Date> FetchCoverage::first_day(const std::string& symbol, std::optional<Date> wanted) const {
  std::optional<Date> covered;  // up to this day
  const auto spans = spans_.find(symbol);
  if (spans != spans_.end()) {
    for (const auto& span : spans->second) {
      const bool continues = !wanted || span.begin <= covered.value_or(*wanted - 1) + 1;
      if (continues && span.end >= wanted.value_or(span.end))
        covered = std::max(covered.value_or(span.end), span.end);
    }
  }
  const auto end = ends_.find(symbol);
  if (!wanted && end != ends_.end()) covered = std::max(covered.value_or(end->second), end->second);
  if (!covered) return wanted;
  const Date first = *covered + 1 - rule_.overlap_days;
  return wanted ? std::max(first, *wanted) : first;
}

}  // namespace orrery
