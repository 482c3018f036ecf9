#include "orrery/operate/round_schedule.h"

#include "orrery/market/session_times.h"

namespace orrery {
namespace {

constexpr double kNanosecondsPerMinute = 60e9;

bool is_new_york(const Calendar& calendar) { return calendar.name() == "XNYS"; }

Timestamp session_open(const Calendar& calendar, Date session) {
  return is_new_york(calendar) ? Timestamp{new_york_session(session).open} : start_of(session);
}

Timestamp moved(Timestamp moment, double minutes) {
  return {moment.nanoseconds + static_cast<std::int64_t>(minutes * kNanosecondsPerMinute)};
}

/// A zone's rules may not reach so far back; then the day after has none either.
Timestamp first_time_after(const RoundSchedule& schedule, Date session, Timestamp close) {
  for (int offset = -1; offset <= 2; ++offset) {
    const auto moment = schedule.zone.moment_of(session + offset, schedule.time_of_day);
    if (moment && *moment >= close) return *moment;
  }
  return close;
}

}  // namespace

Timestamp session_close(const Calendar& calendar, Date session) {
  return is_new_york(calendar) ? Timestamp{new_york_session(session).close} : start_of(session + 1);
}

Timestamp round_moment(const Calendar& calendar, const RoundSchedule& schedule, Date session) {
  switch (schedule.anchor) {
    case RoundSchedule::Anchor::kAfterClose:
      return moved(session_close(calendar, session), schedule.minutes);
    case RoundSchedule::Anchor::kBeforeOpen:
      return moved(session_open(calendar, calendar.next_session(session)), -schedule.minutes);
    case RoundSchedule::Anchor::kTimeOfDay:
      break;
  }
  return first_time_after(schedule, session, session_close(calendar, session));
}

}  // namespace orrery
