#include "orrery/app/fetch_into_lake.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "orrery/base/error.h"
#include "orrery/data/lake/event_day.h"
#include "orrery/data/lake/fetch_coverage.h"
#include "orrery/data/lake/provider_facts.h"

namespace orrery {
namespace {

/// What a source's setting will be, as text; nothing where it has no such setting.
std::optional<std::string> setting_of(const ProviderInfo& info, const FetchOptions& options,
                                      const std::string& name) {
  const auto found = std::find_if(info.parameters.begin(), info.parameters.end(),
                                  [&](const auto& parameter) { return parameter.name == name; });
  if (found == info.parameters.end()) return std::nullopt;
  std::string value = to_string(found->default_value);
  for (const auto& key : {name, info.name + "." + name}) {
    for (const auto& [given, text] : options.settings) {
      if (given == key) value = text;
    }
  }
  return value;
}

/// The table that a source fills first of all, and the length of its bars.
LakeFetchPlan target_of(const ProviderInfo& info, const FetchOptions& options) {
  LakeFetchPlan target;
  target.frequency = setting_of(info, options, "interval").value_or("1d");
  target.table =
      lake_table_of(setting_of(info, options, "table").value_or(info.tables.front()), target.frequency);
  return target;
}

/// The notes that commit() makes of a block: what was delivered of the table that is to be filled, from the
/// source that delivered it.
std::vector<FetchNote> notes_of(const std::vector<FedSymbol>& fed, const std::vector<FetchedPart>& parts,
                                const FetchOptions& options, Timestamp now) {
  std::vector<FetchNote> notes;
  for (const auto& symbol : fed) {
    const auto part = std::find_if(parts.begin(), parts.end(),
                                   [&](const FetchedPart& one) { return one.symbol == symbol.symbol; });
    if (part == parts.end() || symbol.table == "corporate_actions") continue;
    const Date today = event_day(now.nanoseconds);
    const Date asked = options.request.end ? std::min(*options.request.end, today) : today;
    const Date end = update_rule(symbol.table).by_event ? symbol.last : asked;
    notes.push_back({symbol.table, symbol.symbol, part->source, part->begin, end, symbol.rows, now});
  }
  return notes;
}

}  // namespace

LakeFetchPlan plan_lake_fetch(const ProviderRegistry& registry, const FetchOptions& options, Lake& lake,
                              bool from_scratch) {
  if (options.chain.empty()) throw user_error(ErrorCode::kInvalidArgument, "name a source to fetch from");
  LakeFetchPlan plan = target_of(registry.get(options.chain.front()).info, options);
  for (const auto& name : options.chain) {
    const auto other = target_of(registry.get(name).info, options);
    if (other.table == plan.table) continue;
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{} fills the table {}, {} fills {}: they can't stand in for each other",
                                 options.chain.front(), plan.table, name, other.table));
  }
  const FetchCoverage coverage(lake, plan.table, options.request.symbols);
  for (const auto& symbol : options.request.symbols) {
    const auto begin =
        from_scratch ? options.request.begin : coverage.first_day(symbol, options.request.begin);
    plan.symbols.push_back({symbol, begin});
  }
  return plan;
}

LakeFetchSummary fetch_into_lake(const ProviderRegistry& registry, const LakeFetchPlan& plan,
                                 FetchOptions options, const ProviderContext& context, Lake& lake,
                                 Progress& progress) {
  for (const auto& [symbol, begin] : plan.symbols) options.begins[symbol] = begin;
  LakeFeed feed(lake, plan.frequency);
  options.after_parts = [&](const std::vector<FetchedPart>& parts) {
    const auto fed = feed.commit();
    note_fetches(lake, notes_of(fed, parts, options, context.clock->now()));
  };
  LakeFetchSummary summary;
  summary.fetch = fetch_sources(registry, options, context, feed, progress);
  summary.tables = feed.counts();
  return summary;
}

void require_day(Lake& lake, const LakeFetchPlan& plan, Date day, std::size_t needed) {
  std::vector<std::string> asked;
  for (const auto& [symbol, begin] : plan.symbols) asked.push_back(symbol);
  std::set<std::string, std::less<>> there;
  const auto tables = lake.tables();
  if (std::find(tables.begin(), tables.end(), plan.table) != tables.end()) {
    const Timestamp first{start_of(day).nanoseconds + 1};  // what ends at midnight belongs to the day before
    auto table = lake.open(plan.table);
    const auto found =
        table.scan({.columns = {"symbol"},
                    .where = {one_of("symbol", asked), between("event_time", first, start_of(day + 1))}});
    while (const auto rows = found->next()) {
      const Column& names = rows->column("symbol");
      for (std::size_t row = 0; row < rows->rows(); ++row) there.emplace(text_at(names, row));
    }
  }
  if (there.size() >= needed) return;
  std::erase_if(asked, [&there](const std::string& symbol) { return there.contains(symbol); });
  constexpr std::size_t kShown = 5;
  const bool is_cut = asked.size() > kShown;
  if (is_cut) asked.resize(kShown);
  throw external_error(
      ErrorCode::kUnavailable,
      fmt::format("{} of {} symbols have a row of {} on {}; expected at least {}; without: {}{}",
                  there.size(), plan.symbols.size(), plan.table, to_string(day), needed,
                  fmt::join(asked, ", "), is_cut ? ", …" : ""));
}

}  // namespace orrery
