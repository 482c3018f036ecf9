#pragma once

#include <cstdint>

#include "orrery/base/timestamp.h"
#include "orrery/market/calendar.h"
#include "orrery/market/time_zone.h"

namespace orrery {

/// When the round of a session is due: always after the session's close.
struct RoundSchedule {
  enum class Anchor : std::uint8_t {
    kAfterClose,  ///< `minutes` after the session's close
    kBeforeOpen,  ///< `minutes` before the next session opens
    kTimeOfDay,   ///< the first time after the close that clocks of `zone` show `time_of_day`
  };

  Anchor anchor = Anchor::kAfterClose;
  double minutes = 60.0;
  std::int64_t time_of_day = 0;  ///< nanoseconds since midnight
  TimeZone zone;
};

/// Returns when the round of a session is due (session_times says when sessions open and close). Errors:
/// kNotFound past a listed calendar's last day.
Timestamp round_moment(const Calendar& calendar, const RoundSchedule& schedule, Date session);

}  // namespace orrery
