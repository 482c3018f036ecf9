#pragma once

#include <limits>

namespace orrery {

/// A missing value.
inline constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace orrery
