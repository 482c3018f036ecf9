#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace orrery {

/// Returns the place of a symbol among `symbols` in ascending byte order, if it is there.
inline std::optional<std::uint32_t> find_symbol(std::span<const std::string> symbols,
                                                std::string_view symbol) {
  const auto found = std::lower_bound(symbols.begin(), symbols.end(), symbol);
  if (found == symbols.end() || *found != symbol) return std::nullopt;
  return static_cast<std::uint32_t>(found - symbols.begin());
}

}  // namespace orrery
