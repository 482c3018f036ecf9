#include "orrery/data/lake/identities.h"

#include <algorithm>
#include <set>

#include "orrery/data/lake/action_kinds.h"
#include "orrery/data/lake/as_of.h"

namespace orrery {
namespace {

/// Returns the first rename of a symbol after a day.
std::vector<Rename>::const_iterator next_rename(const std::vector<Rename>& renames, Date day) {
  return std::upper_bound(renames.begin(), renames.end(), day,
                          [](Date wanted, const Rename& rename) { return wanted < rename.day; });
}

}  // namespace

Identities::Identities(std::vector<Rename> renames) {
  std::sort(renames.begin(), renames.end(), [](const auto& a, const auto& b) { return a.day < b.day; });
  for (auto& rename : renames) {
    const auto from = rename.from;
    if (from != rename.to && !rename.to.empty()) by_symbol_[from].push_back(std::move(rename));
  }
}

/// Each step goes on from a later day, so that it ends.
const std::string& Identities::name_of(const std::string& symbol, Date day) const {
  const std::string* name = &symbol;
  while (true) {
    const auto found = by_symbol_.find(*name);
    if (found == by_symbol_.end()) return *name;
    const auto rename = next_rename(found->second, day);
    if (rename == found->second.end()) return *name;
    name = &rename->to;
    day = rename->day;
  }
}

std::vector<std::string> Identities::symbols_of(const std::vector<std::string>& names) const {
  std::set<std::string> symbols(names.begin(), names.end());
  for (std::size_t before = 0; before != symbols.size();) {
    before = symbols.size();
    for (const auto& [symbol, renames] : by_symbol_) {
      const auto leads_there = [&](const Rename& rename) { return symbols.contains(rename.to); };
      if (std::any_of(renames.begin(), renames.end(), leads_there)) symbols.insert(symbol);
    }
  }
  return {symbols.begin(), symbols.end()};
}

std::vector<MembershipInterval> Identities::by_name(const std::vector<MembershipInterval>& intervals) const {
  std::vector<MembershipInterval> result;
  for (const auto& interval : intervals) {
    Date start = interval.start;
    const auto found = by_symbol_.find(interval.symbol);
    if (found != by_symbol_.end()) {
      for (auto rename = next_rename(found->second, start);
           rename != found->second.end() && rename->day <= interval.end; ++rename) {
        result.push_back({name_of(interval.symbol, start), start, rename->day - 1});
        start = rename->day;
      }
    }
    result.push_back({name_of(interval.symbol, start), start, interval.end});
  }
  return result;
}

Identities read_identities(Lake& lake, const LakeView& view) {
  const auto tables = lake.tables();
  if (!std::binary_search(tables.begin(), tables.end(), std::string(kActionsTable))) return Identities();
  ViewedTable viewed(lake, view, kActionsTable);
  ScanRequest request;
  request.columns = {"symbol", "note", kEventTime};
  request.version = viewed.version;
  request.where.push_back(one_of("kind", {kRenameKind}));
  const auto rows = scan_as_of(viewed.table, known_by(view), std::move(request))->rest();
  const auto& events = std::get<std::vector<std::int64_t>>(rows.column(kEventTime).values);
  std::vector<Rename> renames;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    renames.push_back(
        {text_at(rows.column("symbol"), row), text_at(rows.column("note"), row), day_of({events[row]})});
  }
  return Identities(std::move(renames));
}

}  // namespace orrery
