#include "orrery/operate/scheduler.h"

#include <algorithm>

namespace orrery {
namespace {

constexpr int kFarDays = 15;  // longer than any pause of an exchange's sessions but its closures of wars

/// Sessions after `last` whose round is due, ascending; without `last` the latest one.
std::vector<Date> sessions_due(const Operation& operation, std::optional<Date> last, Timestamp now) {
  const Date today = day_of(now) + 1;  // east of Greenwich the day has begun already
  const Date first = last ? *last + 1 : today - kFarDays;
  std::vector<Date> due;
  for (const Date session : operation.calendar.sessions(first, today)) {
    if (round_moment(operation.calendar, operation.schedule, session) <= now) due.push_back(session);
  }
  if (!last && due.size() > 1) due.erase(due.begin(), due.end() - 1);
  return due;
}

}  // namespace

DueRounds due_rounds(const Operation& operation, OperationStore& store, Timestamp now) {
  DueRounds found;
  const auto unfinished = store.unfinished();
  std::vector<Date> sessions = sessions_due(operation, store.last_session(), now);
  const auto most = static_cast<std::size_t>(operation.catch_up) + 1;
  if (sessions.size() > most) {
    const auto kept = sessions.end() - static_cast<std::ptrdiff_t>(most);
    found.missed.assign(sessions.begin(), kept);
    sessions.erase(sessions.begin(), kept);
  }
  for (const Date session : unfinished) found.rounds.push_back({session, store.find(session)->mode});
  for (const Date session : sessions) {
    const bool is_last = session == sessions.back();
    found.rounds.push_back({session, is_last ? RoundMode::kScheduled : RoundMode::kCatchUp});
  }
  return found;
}

Timestamp next_round(const Operation& operation, Timestamp now) {
  Date session = day_of(now) - kFarDays;
  do {
    session = operation.calendar.next_session(session);
  } while (round_moment(operation.calendar, operation.schedule, session) <= now);
  return round_moment(operation.calendar, operation.schedule, session);
}

}  // namespace orrery
