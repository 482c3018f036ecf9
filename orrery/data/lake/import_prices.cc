#include "orrery/data/lake/import_prices.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "orrery/base/error.h"
#include "orrery/data/known_time.h"
#include "orrery/data/lake/action_kinds.h"
#include "orrery/data/lake/as_of.h"
#include "orrery/data/price_actions.h"
#include "orrery/data/price_checks.h"
#include "orrery/data/text_codes.h"
#include "orrery/market/calendar.h"

namespace orrery {
namespace {

constexpr std::array kImportedColumns = {kOpen, kHigh, kLow, kClose, kVolume, kVwap};

/// The rows of the good bars, by symbol and day.
std::vector<std::size_t> bar_rows(const BarIndex& index) {
  std::vector<std::size_t> rows;
  for (const auto source : index.sources) {
    if (source != BarIndex::kNoBar) rows.push_back(static_cast<std::size_t>(source));
  }
  return rows;
}

std::vector<std::int64_t> to_whole(const std::vector<double>& numbers) {
  std::vector<std::int64_t> whole;
  whole.reserve(numbers.size());
  for (const double number : numbers) {
    whole.push_back(std::isnan(number) ? kMissingInteger : static_cast<std::int64_t>(number));
  }
  return whole;
}

Table bars_table(const PriceRows& rows, const BarIndex& index, const DeltaSchema& schema) {
  const auto good = bar_rows(index);
  DictionaryStrings symbols;
  symbols.dictionary = rows.symbols;
  std::vector<Date> dates;
  for (const auto row : good) {
    symbols.codes.push_back(rows.symbol[row]);
    dates.push_back(rows.date[row]);
  }
  Table table{{{"symbol", std::move(symbols)}, {"date", std::move(dates)}}};
  for (const auto column : kImportedColumns) {
    if (rows.has(column)) {
      table.columns.push_back({std::string(price_column_name(column)), gather(rows.values[column], good)});
    }
  }
  for (const auto& field : rows.further) {
    auto values = gather(field.values, good);
    const auto* known = schema.find(field.name);
    const bool is_whole = known != nullptr && known->type == DeltaType::kLong;
    table.columns.push_back({field.name, is_whole ? ColumnValues(to_whole(values)) : std::move(values)});
  }
  return table;
}

std::int32_t code_of(ActionKind kind) { return static_cast<std::int32_t>(kind); }

Table actions_table(const PriceRows& rows, const std::vector<PriceAction>& actions,
                    const FactSource& source) {
  DictionaryStrings symbols, kinds, notes;
  symbols.dictionary = rows.symbols;
  kinds.dictionary = {kDividendKind, kSplitKind, kAdjustmentKind};  // in the order of ActionKind
  notes.dictionary = {"derived from adjusted closes"};
  std::vector<double> values;
  std::vector<std::int64_t> events, known;
  for (const auto& action : actions) {
    symbols.codes.push_back(action.symbol);
    kinds.codes.push_back(code_of(action.kind));
    notes.codes.push_back(rows.has(kAdjClose) ? 0 : -1);
    values.push_back(action.value);
    events.push_back(start_of(action.date).nanoseconds);
    known.push_back(known_time(kActionsTable, source.name, {.day = action.date}).nanoseconds);
  }
  return complete_facts({{{"symbol", std::move(symbols)},
                          {"kind", std::move(kinds)},
                          {"value", std::move(values)},
                          {"note", std::move(notes)},
                          {kEventTime, std::move(events)},
                          {kKnownTime, std::move(known)}}},
                        source);
}

/// Days as days, missing where the row's could not be read.
std::vector<Date> days_of_texts(const DictionaryStrings& texts) {
  std::vector<Date> days;
  for (const auto code : texts.codes) {
    const auto& text = texts.dictionary[static_cast<std::size_t>(code)];
    days.push_back(parse_date(text).value_or(kMissingDate));
  }
  return days;
}

Table quarantine_table(const PriceRows& rows, const std::string& table, const FactSource& source) {
  Quarantine left_out;
  for (const auto& note : rows.quarantine.notes()) {
    if (note.reason != QuarantineReason::kOutOfOrder) left_out.add(note);
  }
  const Table notes = left_out.to_table("");
  const auto count = notes.rows();
  const auto same = [count](const std::string& text) { return repeated_text(count, text); };
  Table result{{{"table", same(table)},
                {"date", days_of_texts(std::get<DictionaryStrings>(notes.column("date").values))},
                {kRetrievedTime, std::vector<std::int64_t>(count, source.retrieved.nanoseconds)},
                {kSource, same(source.name)}}};
  for (const auto* name : {"symbol", "reason", "column", "found"})
    result.columns.push_back(notes.column(name));
  return result;
}

bool tells_actions(const PriceRows& rows) {
  return rows.has(kAdjClose) || rows.has(kDividend) || rows.has(kSplitRatio);
}

/// A file that brings nothing new has been refused the same rows before.
bool is_repeated(const PriceImport& result) {
  return result.bars.added + result.bars.restated + result.actions.added + result.actions.restated == 0;
}

}  // namespace

PriceImport import_prices(Lake& lake, const std::filesystem::path& file, const std::string& table,
                          const FactSource& source) {
  return import_prices(lake, read_price_rows(file, 0), table, source);
}

PriceImport import_prices(Lake& lake, PriceRows rows, const std::string& table, const FactSource& source) {
  check_bars(rows, false, 0);
  check_isolated_dates(rows);
  const auto index = index_bars(rows, Calendar::of_days("file", days_of(rows)));
  PriceImport result;
  result.rows_read = rows.size();
  result.quarantined = rows.quarantine.counts();
  result.tells_actions = tells_actions(rows);
  const auto definition = *standard_table(table);
  result.bars = add_versions(
      lake, {definition, {}, complete_facts(bars_table(rows, index, definition.schema), source)});
  if (result.tells_actions) {
    const auto actions = find_all_actions(rows, index, 0);
    result.actions =
        add_versions(lake, {*standard_table(kActionsTable), {}, actions_table(rows, actions, source)});
  }
  if (rows.quarantine.left_out() > 0 && !is_repeated(result)) {
    lake.open_or_create(*standard_table("quarantine")).append(quarantine_table(rows, table, source));
  }
  return result;
}

}  // namespace orrery
