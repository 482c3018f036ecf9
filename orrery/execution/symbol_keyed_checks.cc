#include "orrery/execution/symbol_keyed_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "orrery/execution/check_state.h"

namespace orrery {
namespace {

constexpr const char* kPlaceKey = "instrument";

std::size_t place_of(const std::string& symbol, const std::vector<std::string>& symbols) {
  const auto found = std::find(symbols.begin(), symbols.end(), symbol);
  if (found == symbols.end()) {
    throw user_error(
        ErrorCode::kNotFound,
        fmt::format("the saved state of the order checks knows '{}', which the data no longer have", symbol));
  }
  return static_cast<std::size_t>(found - symbols.begin());
}

/// Gives every instrument in a state the place that its symbol has now.
void move_places(nlohmann::json& state, const std::vector<std::string>& before,
                 const std::vector<std::string>& now) {
  if (state.is_object() && state.contains(kPlaceKey)) {
    nlohmann::json& place = state[kPlaceKey];
    place = place_of(before.at(place.get<std::size_t>()), now);
    return;
  }
  if (!state.is_structured()) return;
  for (nlohmann::json& part : state) move_places(part, before, now);
}

}  // namespace

std::string SymbolKeyedChecks::save() const {
  return nlohmann::json{{"symbols", symbols_}, {"checks", nlohmann::json::parse(checks_->save())}}.dump();
}

void SymbolKeyedChecks::restore(std::string_view state) {
  read_check_state("order checks", state, [&](nlohmann::json read) {
    const auto before = read.at("symbols").get<std::vector<std::string>>();
    nlohmann::json& checks = read.at("checks");
    if (before != symbols_) move_places(checks, before, symbols_);
    checks_->restore(checks.dump());
  });
}

}  // namespace orrery
