#include <array>
#include <string_view>
#include <utility>

#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/lake.h"

namespace orrery {
namespace {

constexpr std::string_view kBars = "bars_";

DeltaField text(std::string name) { return {.name = std::move(name)}; }
DeltaField number(std::string name) { return {.name = std::move(name), .type = DeltaType::kDouble}; }
DeltaField whole(std::string name) { return {.name = std::move(name), .type = DeltaType::kLong}; }
DeltaField moment(std::string name) { return {.name = std::move(name), .type = DeltaType::kTimestamp}; }
DeltaField day(std::string name) { return {.name = std::move(name), .type = DeltaType::kDate}; }
DeltaField truth(std::string name) { return {.name = std::move(name), .type = DeltaType::kBoolean}; }

TableDefinition instruments() {
  return fact_table("instruments", "What can be traded; a change is a new row.",
                    {text("symbol"), text("name"), text("kind"), text("exchange"), text("currency"),
                     text("sector"), day("first_date"), day("last_date")},
                    {"symbol", kEventTime});
}

/// The event is the bar's end.
TableDefinition bars(const std::string& name) {
  return fact_table(name, "Prices as traded, not adjusted; the event is the end of the bar.",
                    {text("symbol"), day("date"), moment("open_time"), number("open"), number("high"),
                     number("low"), number("close"), number("volume"), number("vwap"), whole("trades")},
                    {"symbol", kEventTime});
}

TableDefinition trades() {
  return fact_table(
      "trades", "Single trades; time_ns has the nanoseconds.",
      {text("symbol"), whole("time_ns"), text("id"), number("price"), number("size"), text("side")},
      {"symbol", kEventTime, "time_ns", "id"});
}

TableDefinition quotes() {
  return fact_table("quotes", "Best bid and ask; time_ns has the nanoseconds.",
                    {text("symbol"), whole("time_ns"), whole("sequence"), number("bid"), number("ask"),
                     number("bid_size"), number("ask_size")},
                    {"symbol", kEventTime, "time_ns", "sequence"});
}

TableDefinition corporate_actions() {
  return fact_table(
      "corporate_actions",
      "Splits, dividends, spin-offs, renames, delistings; the event is the start of the first day "
      "without it.",
      {text("symbol"), text("kind"), number("value"), text("currency"), text("note")},
      {"symbol", kEventTime, "kind"});
}

TableDefinition fundamentals() {
  return fact_table("fundamentals", "Reported figures; the event is the end of the period.",
                    {text("symbol"), text("item"), number("value"), text("unit"), day("period_start"),
                     text("fiscal_period"), text("form"), text("filing")},
                    {"symbol", kEventTime, "item", "period_start", "unit"});
}

TableDefinition articles(const std::string& name, const std::string& description) {
  return fact_table(name, description,
                    {text("symbol"), text("id"), text("author"), text("headline"), text("body"), text("url")},
                    {"symbol", kEventTime, "id"});
}

TableDefinition news() { return articles("news", "Articles; one row a symbol that an article is about."); }
TableDefinition social() { return articles("social", "Posts; one row a symbol that a post is about."); }

TableDefinition macro() {
  return fact_table("macro", "Series that are the same for all instruments, with every vintage.",
                    {text("series"), number("value"), text("unit")}, {"series", kEventTime});
}

TableDefinition positioning() {
  return fact_table("positioning",
                    "Who holds how much, by contract; the event is the end of the day that a report is of.",
                    {text("symbol"), text("report"), text("item"), number("value"), text("market")},
                    {"symbol", kEventTime, "report", "item"});
}

TableDefinition funding() {
  return fact_table("funding", "Funding rates of perpetual futures.",
                    {text("symbol"), number("rate"), number("mark_price")}, {"symbol", kEventTime});
}

TableDefinition membership() {
  return fact_table("membership", "Who joins or leaves a universe.",
                    {text("universe"), text("symbol"), truth("is_member")},
                    {"universe", "symbol", kEventTime});
}

/// Rows that were refused are notes, not facts: they have no versions.
TableDefinition quarantine() {
  TableDefinition definition;
  definition.name = "quarantine";
  definition.description = "Rows that were left out of a table, with the reason.";
  definition.schema.fields = {text("table"),          text("symbol"), day("date"),
                              text("reason"),         text("column"), text("found"),
                              moment(kRetrievedTime), text(kSource)};
  definition.sort_by = {"table", "symbol", "date"};
  return definition;
}

constexpr std::array<TableDefinition (*)(), 12> kTables = {
    instruments, trades, quotes,      corporate_actions, fundamentals, news,
    social,      macro,  positioning, funding,           membership,   quarantine};

}  // namespace

TableDefinition fact_table(std::string name, std::string description, std::vector<DeltaField> columns,
                           std::vector<std::string> key) {
  TableDefinition definition;
  definition.name = std::move(name);
  definition.description = std::move(description);
  definition.schema.fields = std::move(columns);
  for (const auto* time : {kEventTime, kKnownTime, kRetrievedTime}) {
    if (definition.schema.find(time) == nullptr) definition.schema.fields.push_back(moment(time));
  }
  if (definition.schema.find(kSource) == nullptr) definition.schema.fields.push_back(text(kSource));
  definition.sort_by = key;
  definition.sort_by.insert(definition.sort_by.end(), {kKnownTime, kRetrievedTime});
  definition.key = std::move(key);
  return definition;
}

std::optional<TableDefinition> standard_table(const std::string& name) {
  if (name.starts_with(kBars) && name.size() > kBars.size()) return bars(name);
  for (const auto make : kTables) {
    auto definition = make();
    if (definition.name == name) return definition;
  }
  return std::nullopt;
}

std::vector<std::string> standard_table_names() {
  std::vector<std::string> names = {"bars_1d"};
  for (const auto make : kTables) names.push_back(make().name);
  return names;
}

}  // namespace orrery
