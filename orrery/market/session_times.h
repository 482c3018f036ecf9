#pragma once

#include "orrery/base/date.h"
#include "orrery/base/timestamp.h"
#include "orrery/market/calendar.h"

namespace orrery {

/// When a session opens and closes, in nanoseconds since 1970, UTC.
struct SessionTimes {
  std::int64_t open = 0;
  std::int64_t close = 0;
};

/// Returns when the session of the New York exchanges on a day opens and closes, early closes included. For a
/// day without a session: as if it had one.
SessionTimes new_york_session(Date day);

/// Returns when a session of a calendar opens and closes: of the New York exchanges by their hours, of others
/// the whole day, UTC.
SessionTimes session_times(const Calendar& calendar, Date session);

/// Returns a moment of a day by New York's clocks. Summer time as since 1967, without 1974 and 1975.
Timestamp new_york_time(Date day, int hour, int minute);

/// Returns the opening of the first New York session on or after a day.
Timestamp new_york_open_from(Date day);

}  // namespace orrery
