#include "orrery/data/lake/lake_feed.h"

#include <algorithm>
#include <utility>

#include "orrery/data/lake/add_versions.h"
#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/event_day.h"
#include "orrery/data/lake/table_rows.h"
#include "orrery/data/text_codes.h"

namespace orrery {
namespace {

using Moments = std::vector<std::int64_t>;

/// The column of texts that comes first in a key, such as the symbol; "" for none.
std::string leading_name(const Table& rows, const std::vector<std::string>& key) {
  if (key.empty() || !std::holds_alternative<DictionaryStrings>(rows.column(key.front()).values)) return "";
  return key.front();
}

std::vector<FedSymbol> symbols_in(const LakeRows& fed) {
  std::vector<FedSymbol> symbols;
  const auto name = leading_name(fed.rows, fed.definition.key);
  if (name.empty() || !has_column(fed.rows, kEventTime)) return symbols;
  const auto& texts = std::get<DictionaryStrings>(fed.rows.column(name).values);
  const auto& events = std::get<Moments>(fed.rows.column(kEventTime).values);
  std::map<std::int32_t, FedSymbol> by_code;
  for (std::size_t row = 0; row < events.size(); ++row) {
    const Date day = event_day(events[row]);
    const auto [entry, is_new] =
        by_code.try_emplace(texts.codes[row], FedSymbol{fed.definition.name, "", day, day});
    auto& symbol = entry->second;
    symbol.first = std::min(symbol.first, day);
    symbol.last = std::max(symbol.last, day);
    ++symbol.rows;
  }
  for (auto& [code, symbol] : by_code) {
    if (code >= 0) symbol.symbol = texts.dictionary[static_cast<std::size_t>(code)];
    symbols.push_back(std::move(symbol));
  }
  return symbols;
}

/// Rows that go to one table as one.
void join(std::vector<LakeRows>& waiting, LakeRows rows) {
  const auto found = std::find_if(waiting.begin(), waiting.end(), [&](const LakeRows& other) {
    if (other.definition.name != rows.definition.name) return false;
    return std::equal(other.rows.columns.begin(), other.rows.columns.end(), rows.rows.columns.begin(),
                      rows.rows.columns.end(),
                      [](const Column& a, const Column& b) { return a.name == b.name; });
  });
  if (found == waiting.end()) {
    waiting.push_back(std::move(rows));
    return;
  }
  std::vector<Table> both;
  both.push_back(std::move(found->rows));
  both.push_back(std::move(rows.rows));
  found->rows = concatenate(std::move(both));
}

}  // namespace

LakeFeed::LakeFeed(Lake& lake, std::string frequency) : lake_(lake), frequency_(std::move(frequency)) {}

void LakeFeed::accept(std::string_view table, const Table& rows) {
  for (auto& facts : facts_of(table, rows, frequency_)) join(waiting_, std::move(facts));
}

std::vector<FedSymbol> LakeFeed::commit() {
  std::vector<FedSymbol> fed;
  auto waiting = std::exchange(waiting_, {});
  for (const auto& rows : waiting) {
    for (auto& symbol : symbols_in(rows)) fed.push_back(std::move(symbol));
    write(rows);
  }
  for (const auto& notes : std::exchange(waiting_, {})) write(notes);
  return fed;
}

void LakeFeed::write(const LakeRows& delivered) {
  const auto found = add_versions(lake_, delivered);
  auto& count = counts_[delivered.definition.name];
  count.added += found.added;
  count.same += found.same;
  count.restated += found.restated;
  count.contradictions += found.contradictions.rows();
  if (found.contradictions.rows() > 0) note(delivered.definition.name, found.contradictions);
}

void LakeFeed::note(const std::string& table, const Table& contradictions) {
  const auto rows = contradictions.rows();
  const auto text = [rows](std::string value) { return repeated_text(rows, std::move(value)); };
  auto definition = *standard_table("quarantine");
  definition.key = {"table", "symbol", "date", "reason"};
  std::vector<Date> days;
  for (const auto event : std::get<Moments>(contradictions.column(kEventTime).values)) {
    days.push_back(event_day(event));
  }
  const auto& key = standard_table(table) ? standard_table(table)->key : std::vector<std::string>{"symbol"};
  Table notes{{{"table", text(table)},
               {"symbol", contradictions.column(key.front()).values},
               {"date", std::move(days)},
               {"reason", text("an older account changed")},
               {kRetrievedTime, contradictions.column(kRetrievedTime).values},
               {kSource, contradictions.column(kSource).values}}};
  waiting_.push_back({std::move(definition), {}, std::move(notes)});
}

}  // namespace orrery
