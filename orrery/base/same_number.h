#pragma once

#include <cmath>

namespace orrery {

/// Whether two values are equal or both missing (NaN).
inline bool is_same_number(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

}  // namespace orrery
