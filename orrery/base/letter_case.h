#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace orrery {

/// Returns a text with the letters A to Z in lower case, whatever the locale; all other bytes stay.
inline std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return result;
}

/// Returns a text with the letters a to z in capitals; all other bytes stay.
inline std::string upper_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return result;
}

}  // namespace orrery
