#include "orrery/market/session_times.h"

#include "orrery/market/time_zone.h"

namespace orrery {
namespace {

constexpr std::int64_t kMinute = 60'000'000'000;

const Calendar& new_york() {
  static const Calendar calendar = find_calendar("XNYS");
  return calendar;
}

/// Whether New York is on summer time on a session's day.
bool is_summer_in_new_york(Date day) {
  const auto summer = summer_in_north_america(year_month_day(day).year);
  return day >= summer.begin && day < summer.end;
}

}  // namespace

Timestamp new_york_time(Date day, int hour, int minute) {
  const int offset_hours = is_summer_in_new_york(day) ? 4 : 5;
  return {start_of(day).nanoseconds + ((hour + offset_hours) * 60 + minute) * kMinute};
}

SessionTimes new_york_session(Date day) {
  const int closes_at = new_york().is_early_close(day) ? 13 : 16;
  return {new_york_time(day, 9, 30).nanoseconds, new_york_time(day, closes_at, 0).nanoseconds};
}

SessionTimes session_times(const Calendar& calendar, Date session) {
  if (calendar.name() == new_york().name()) return new_york_session(session);
  return {start_of(session).nanoseconds, start_of(session + 1).nanoseconds};
}

Timestamp new_york_open_from(Date day) { return {new_york_session(new_york().next_session(day - 1)).open}; }

}  // namespace orrery
