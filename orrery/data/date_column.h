#pragma once

#include <cstdint>

namespace orrery {

/// What becomes of moments in a column that is called "date".
enum class DateColumn : std::uint8_t {
  kDays,     ///< the days that they lie in, UTC
  kMoments,  ///< nanoseconds since 1970, as moments in any other column
};

}  // namespace orrery
