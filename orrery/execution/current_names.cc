#include "orrery/execution/current_names.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "orrery/market/symbol_order.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

/// After a year a symbol that is gone is not looked for among old renames.
constexpr int kLateDays = 366;

/// States of parts stand in those of a whole as text.
void rename_in(Json& json, const CurrentNames& names, bool in_array) {
  if (json.is_string()) {
    const std::string text = json.get<std::string>();
    if (text.starts_with('{')) {
      json = names.in_state(text);
    } else if (in_array) {
      json = names.of(text);
    }
    return;
  }
  if (!json.is_structured()) return;
  for (Json& part : json) rename_in(part, names, json.is_array());
}

}  // namespace

CurrentNames::CurrentNames(Identities names, std::span<const std::string> symbols, Date last_session,
                           std::map<std::string, Date> since)
    : names_(std::move(names)), symbols_(symbols), last_session_(last_session), since_(std::move(since)) {}

const std::string& CurrentNames::of(const std::string& symbol) const {
  const auto renames = names_.renames_of(symbol);
  if (renames.empty()) return symbol;
  const auto since = since_.find(symbol);
  const Date day = since == since_.end() ? last_session_ : std::max(last_session_, since->second);
  const std::string& name = names_.name_of(symbol, day);
  const Rename& last = renames.back();
  const bool is_late = name == symbol && last.day <= day && day - last.day <= kLateDays;
  if (!is_late || find_symbol(symbols_, symbol)) return name;
  return names_.name_of(symbol, last.day - 1);
}

std::string CurrentNames::in_state(std::string_view state) const {
  if (empty() || !state.starts_with('{')) return std::string(state);
  Json json = Json::parse(state, nullptr, false);
  if (!json.is_object()) return std::string(state);
  rename_in(json, *this, false);
  return json.dump();
}

}  // namespace orrery
