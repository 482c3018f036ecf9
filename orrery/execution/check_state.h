#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "orrery/base/error.h"

namespace orrery {

/// Writes an instrument's place so that SymbolKeyedChecks finds it.
inline nlohmann::json place_state(std::uint32_t instrument) { return {{"instrument", instrument}}; }
inline std::uint32_t place_from(const nlohmann::json& place) {
  return place.at("instrument").get<std::uint32_t>();
}

/// Parses a saved state and hands it to `take`. Errors: kDataCorrupt, naming `whose` state it is, for what
/// is no JSON and where `take` misses something.
template <class Take>
void read_check_state(std::string_view whose, std::string_view state, const Take& take) {
  try {
    take(nlohmann::json::parse(state));
  } catch (const nlohmann::json::exception& problem) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("the saved state of the {} can't be read: {}", whose, problem.what()));
  }
}

}  // namespace orrery
