#pragma once

#include <string_view>

namespace orrery {

/// Whether a place is an address with a scheme, such as s3://bucket/prefix, and no path of this machine.
inline bool is_address(std::string_view place) {
  const auto end = place.find("://");
  return end != std::string_view::npos && end > 0 && place.substr(0, end).find('/') == std::string_view::npos;
}

}  // namespace orrery
