#pragma once

#include <string>
#include <string_view>

namespace orrery {

/// Returns a text without the white space at its ends.
inline std::string trimmed(std::string_view text) {
  constexpr const char* kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(kSpace) - first + 1));
}

}  // namespace orrery
