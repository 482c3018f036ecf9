#pragma once

#include <nlohmann/json.hpp>
#include <span>

namespace orrery {

/// Returns a value cut to so many digits, which keeps a page small; null for one that is missing.
nlohmann::json short_number(double value, int digits);

/// Returns values cut to so many digits.
nlohmann::json short_numbers(std::span<const double> values, int digits);

}  // namespace orrery
