#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "orrery/base/timestamp.h"
#include "orrery/market/time_zone.h"

namespace orrery {

/// The part of each day in which people are left alone.
struct QuietHours {
  std::int64_t from = 0;  ///< nanoseconds since midnight by the zone's clocks
  std::int64_t to = 0;    ///< the first moment that is not quiet; before `from`: of the next day
  TimeZone zone;
};

/// Reads "22:30" as nanoseconds since midnight; nothing for any other text.
std::optional<std::int64_t> parse_time_of_day(std::string_view text);

/// Returns the end of the quiet hours that a moment lies in, or the moment itself.
Timestamp after_quiet(const QuietHours& quiet, Timestamp moment);

}  // namespace orrery
