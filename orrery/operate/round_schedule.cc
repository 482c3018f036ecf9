#include "orrery/operate/round_schedule.h"

#include "orrery/market/session_times.h"

namespace orrery {
namespace {

/// A zone's rules may not reach so far back; then the day after has none either.
Timestamp first_time_after(const RoundSchedule& schedule, Date session, Timestamp close) {
  for (int offset = -1; offset <= 2; ++offset) {
    const auto moment = schedule.zone.moment_of(session + offset, schedule.time_of_day);
    if (moment && *moment >= close) return *moment;
  }
  return close;
}

}  // namespace

Timestamp round_moment(const Calendar& calendar, const RoundSchedule& schedule, Date session) {
  const Timestamp close{session_times(calendar, session).close};
  switch (schedule.anchor) {
    case RoundSchedule::Anchor::kAfterClose:
      return later(close, schedule.minutes * 60.0);
    case RoundSchedule::Anchor::kBeforeOpen:
      return later({session_times(calendar, calendar.next_session(session)).open}, -schedule.minutes * 60.0);
    case RoundSchedule::Anchor::kTimeOfDay:
      break;
  }
  return first_time_after(schedule, session, close);
}

}  // namespace orrery
