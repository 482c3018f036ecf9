#include "orrery/market/identities.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace orrery {

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
    const auto renames = renames_of(*name);
    const auto next = std::upper_bound(renames.begin(), renames.end(), day,
                                       [](Date wanted, const Rename& rename) { return wanted < rename.day; });
    if (next == renames.end()) return *name;
    name = &next->to;
    day = next->day;
  }
}

std::span<const Rename> Identities::renames_of(const std::string& symbol) const {
  const auto found = by_symbol_.find(symbol);
  return found == by_symbol_.end() ? std::span<const Rename>() : std::span<const Rename>(found->second);
}

std::vector<Rename> Identities::renames() const {
  std::vector<Rename> all;
  for (const auto& [symbol, renames] : by_symbol_) all.insert(all.end(), renames.begin(), renames.end());
  std::sort(all.begin(), all.end(), [](const Rename& a, const Rename& b) {
    return std::tie(a.day, a.from, a.to) < std::tie(b.day, b.from, b.to);
  });
  return all;
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

}  // namespace orrery
