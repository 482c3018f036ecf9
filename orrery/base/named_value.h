#pragma once

#include <optional>
#include <string_view>

namespace orrery {

/// Finds the value of an enumeration that has this name, by its own to_string(). The values count from 0, and
/// a number beyond them has an empty name.
template <class Value>
std::optional<Value> find_named(std::string_view name) {
  constexpr int kMostValues = 64;
  for (int i = 0; i < kMostValues; ++i) {
    if (to_string(static_cast<Value>(i)) == name) return static_cast<Value>(i);
  }
  return std::nullopt;
}

}  // namespace orrery
