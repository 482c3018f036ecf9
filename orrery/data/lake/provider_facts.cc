#include "orrery/data/lake/provider_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/timestamp.h"
#include "orrery/data/known_time.h"
#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/lake.h"
#include "orrery/data/lake/table_rows.h"
#include "orrery/data/text_codes.h"

namespace orrery {
namespace {

using Moments = std::vector<std::int64_t>;
using Numbers = std::vector<double>;
using Days = std::vector<Date>;

constexpr const char* kDelivered = "retrieved";  ///< as providers name the moment

template <class Values>
const Values& values_of(const Table& rows, std::string_view name) {
  return std::get<Values>(rows.column(name).values);
}

void rename(Table& rows, std::string_view from, const std::string& to) {
  for (auto& column : rows.columns) {
    if (column.name == from) column.name = to;
  }
}

void drop(Table& rows, std::string_view name) {
  std::erase_if(rows.columns, [name](const Column& column) { return column.name == name; });
}

/// Makes one value for each row.
template <class Make>
auto each_row(const Table& rows, const Make& make) {
  std::vector<decltype(make(std::size_t{0}))> values(rows.rows());
  for (std::size_t row = 0; row < values.size(); ++row) values[row] = make(row);
  return values;
}

std::int64_t to_lake_moment(std::int64_t nanoseconds) {
  constexpr std::int64_t kMicrosecond = 1000;
  const std::int64_t rest = nanoseconds % kMicrosecond;
  if (nanoseconds == kMissingInteger || rest == 0) return nanoseconds;
  return nanoseconds - rest + (rest > 0 ? kMicrosecond : 0);
}

/// Adds the time from which rows are known; `told` gives what the source tells of a row.
void add_known_time(Table& rows, std::string_view table,
                    const std::function<FactTimes(std::size_t row)>& told) {
  const auto& sources = values_of<DictionaryStrings>(rows, kSource);
  auto known = each_row(
      rows, [&](std::size_t row) { return known_time(table, text_at(sources, row), told(row)).nanoseconds; });
  rows.columns.push_back({kKnownTime, std::move(known)});
}

void add_known_after_event(Table& rows, std::string_view table) {
  const auto& events = values_of<Moments>(rows, kEventTime);
  add_known_time(rows, table, [&](std::size_t row) { return FactTimes{.event = {events[row]}}; });
}

/// The event of a day is its end, of a day that something begins on its start.
Moments starts_of(const Days& days, int shift) {
  Moments moments;
  moments.reserve(days.size());
  for (const auto day : days) moments.push_back(start_of(day + shift).nanoseconds);
  return moments;
}

/// Completes rows that have all but the rounding and the names of the columns that every table has.
LakeRows finish(TableDefinition definition, Table rows, std::vector<std::string> account = {}) {
  rename(rows, kDelivered, kRetrievedTime);
  round_moments(rows, definition.schema);
  return {std::move(definition), std::move(account), std::move(rows)};
}

LakeRows finish(const std::string& table, Table rows, std::vector<std::string> account = {}) {
  return finish(*standard_table(table), std::move(rows), std::move(account));
}

TableDefinition adjusted_bars(const std::string& frequency) {
  auto definition = *standard_table("bars_" + frequency);
  definition.schema.fields.push_back({.name = "price_basis"});
  auto fields = definition.schema.fields;
  return fact_table("adjusted_bars_" + frequency,
                    "Prices as a source has adjusted them, for splits or also for dividends: price_basis.",
                    std::move(fields), {"symbol", "price_basis", kEventTime});
}

std::vector<LakeRows> bars_of(Table rows, const std::string& frequency) {
  drop(rows, "adj_close");
  rename(rows, "close_time", kEventTime);
  add_known_after_event(rows, "bars_" + frequency);
  const auto& basis = values_of<DictionaryStrings>(rows, "price_basis");
  std::vector<std::uint32_t> raw, adjusted;
  for (std::uint32_t row = 0; row < rows.rows(); ++row) {
    (text_at(basis, row) == "raw" ? raw : adjusted).push_back(row);
  }
  std::vector<LakeRows> result;
  if (!adjusted.empty()) result.push_back(finish(adjusted_bars(frequency), take_rows(rows, adjusted)));
  rows = take_rows(rows, raw);
  drop(rows, "price_basis");
  if (!raw.empty()) result.push_back(finish("bars_" + frequency, std::move(rows)));
  return result;
}

/// The rows of one kind of action: those whose value says that there was one.
Table actions_of_kind(const Table& rows, const char* column, double none, const char* kind) {
  const auto& values = values_of<Numbers>(rows, column);
  std::vector<std::uint32_t> there;
  for (std::uint32_t row = 0; row < rows.rows(); ++row) {
    if (values[row] != none) there.push_back(row);
  }
  Table taken = take_rows(rows, there);
  rename(taken, column, "value");
  drop(taken, "dividend");
  drop(taken, "split_ratio");
  taken.columns.push_back({"kind", repeated_text(there.size(), kind)});
  return taken;
}

std::vector<LakeRows> actions_of(Table rows) {
  const auto days = values_of<Days>(rows, "date");
  drop(rows, "date");
  rows.columns.push_back({kEventTime, starts_of(days, 0)});
  add_known_time(rows, "corporate_actions",
                 [&](std::size_t row) { return FactTimes{.event = start_of(days[row]), .day = days[row]}; });
  std::vector<Table> kinds = {actions_of_kind(rows, "dividend", 0.0, "dividend"),
                              actions_of_kind(rows, "split_ratio", 1.0, "split")};
  for (auto& kind : kinds) {  // columns in one order
    std::sort(kind.columns.begin(), kind.columns.end(),
              [](const Column& a, const Column& b) { return a.name < b.name; });
  }
  return {finish("corporate_actions", concatenate(std::move(kinds)))};
}

std::vector<LakeRows> trades_of(Table rows) {
  const auto times = values_of<Moments>(rows, "time");
  const auto numbers = values_of<Moments>(rows, "trade_id");
  const auto buyer_is_maker = values_of<Moments>(rows, "buyer_is_maker");
  drop(rows, "trade_id");
  drop(rows, "buyer_is_maker");
  rename(rows, "time", "time_ns");
  rename(rows, "quantity", "size");
  rows.columns.push_back(
      {kEventTime, each_row(rows, [&](std::size_t row) { return to_lake_moment(times[row]); })});
  TextCodes ids;
  for (const auto number : numbers) ids.append(ids.code(fmt::format("{}", number)));
  rows.columns.push_back({"id", ids.take()});
  // The side of who took the price: where the buyer waited, somebody sold.
  DictionaryStrings sides{{}, {"buy", "sell"}};
  for (const auto waited : buyer_is_maker) sides.codes.push_back(waited != 0 ? 1 : 0);
  rows.columns.push_back({"side", std::move(sides)});
  add_known_after_event(rows, "trades");
  return {finish("trades", std::move(rows))};
}

std::vector<LakeRows> funding_of(Table rows) {
  rename(rows, "time", kEventTime);
  add_known_after_event(rows, "funding");
  return {finish("funding", std::move(rows))};
}

std::vector<LakeRows> macro_of(Table rows) {
  rename(rows, "symbol", "series");
  rows.columns.push_back({kEventTime, starts_of(values_of<Days>(rows, "date"), 1)});
  return {finish("macro", std::move(rows), {"vintage"})};
}

/// Concepts of two taxonomies may have one name.
DictionaryStrings items_of(const Table& rows) {
  const auto& taxonomies = values_of<DictionaryStrings>(rows, "taxonomy");
  const auto& concepts = values_of<DictionaryStrings>(rows, "concept");
  TextCodes items;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    items.append(items.code(fmt::format("{}:{}", text_at(taxonomies, row), text_at(concepts, row))));
  }
  return items.take();
}

std::vector<LakeRows> fundamentals_of(Table rows) {
  rows.columns.push_back({"item", items_of(rows)});
  drop(rows, "taxonomy");
  drop(rows, "concept");
  rows.columns.push_back({kEventTime, starts_of(values_of<Days>(rows, "end"), 1)});
  drop(rows, "end");
  rename(rows, "start", "period_start");
  rename(rows, "accession", "filing");
  return {finish("fundamentals", std::move(rows), {"filing"})};
}

/// Notes have no times of their own; the same note again is no new one.
std::vector<LakeRows> quarantine_of(Table rows) {
  auto definition = *standard_table("quarantine");
  definition.key = {"table", "reason", "column", "found", "url"};
  definition.schema.fields.push_back({.name = "url"});
  drop(rows, "row");
  return {finish(std::move(definition), std::move(rows))};
}

std::vector<LakeRows> other(const std::string& table, Table rows) {
  if (standard_table(table) && has_column(rows, kEventTime) && has_column(rows, kKnownTime))
    return {finish(table, std::move(rows))};
  throw user_error(ErrorCode::kNotFound,
                   fmt::format("rows of '{}' have no table in a lake; write them to a file: --out", table));
}

}  // namespace

void round_moments(Table& rows, const DeltaSchema& schema) {
  for (auto& column : rows.columns) {
    const auto* field = schema.find(column.name);
    if (field == nullptr || field->type != DeltaType::kTimestamp) continue;
    for (auto& moment : std::get<Moments>(column.values)) moment = to_lake_moment(moment);
  }
}

std::string lake_table_of(std::string_view table, const std::string& frequency) {
  if (table == "prices") return "bars_" + frequency;
  if (table == "actions") return "corporate_actions";
  return std::string(table);
}

std::vector<LakeRows> facts_of(std::string_view table, Table rows, const std::string& frequency) {
  if (rows.rows() == 0) return {};
  if (table == "prices") return bars_of(std::move(rows), frequency);
  if (table == "actions") return actions_of(std::move(rows));
  if (table == "trades") return trades_of(std::move(rows));
  if (table == "funding") return funding_of(std::move(rows));
  if (table == "macro") return macro_of(std::move(rows));
  if (table == "fundamentals") return fundamentals_of(std::move(rows));
  if (table == "quarantine") return quarantine_of(std::move(rows));
  return other(std::string(table), std::move(rows));
}

}  // namespace orrery
