#pragma once

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <string_view>

namespace orrery::cli {

/// Returns a number with so many decimals and its unit; a dash where it is missing.
inline std::string decimals(double value, int digits, std::string_view unit = "") {
  return std::isnan(value) ? "–" : fmt::format("{:.{}f}{}", value, digits, unit);
}

/// Returns a fraction in percent, with so many decimals; a dash where it is missing.
inline std::string percent(double fraction, int digits = 2) {
  return decimals(100.0 * fraction, digits, " %");
}

}  // namespace orrery::cli
