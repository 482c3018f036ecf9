#include "orrery/operate/daily_operation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "orrery/base/error.h"
#include "orrery/operate/scheduler.h"

namespace orrery {
namespace {

constexpr double kSecondsBetweenLooks = 0.5;

std::string span_text(const std::vector<Date>& sessions) {
  if (sessions.size() == 1) return to_string(sessions.front());
  return fmt::format("{} sessions, {} to {}", sessions.size(), to_string(sessions.front()),
                     to_string(sessions.back()));
}

/// Notes sessions that are left out, and tells people of them and of those that are made up for.
void tell_gap(const Operation& operation, const RunnerTools& tools, const DueRounds& due) {
  const Timestamp now = tools.clock.now();
  const std::string source = "operate " + operation.name;
  if (!due.missed.empty()) {
    tools.alerts.raise(
        {AlertLevel::kWarning, operation.name + "/missed", fmt::format("Missed: {}", span_text(due.missed)),
         fmt::format("More than {} sessions would have to be made up for. To do them: orrery operate {} "
                     "--backfill {}..{}\n",
                     operation.catch_up, operation.file.filename().string(), to_string(due.missed.front()),
                     to_string(due.missed.back())),
         source},
        now);
  }
  for (const Date session : due.missed)
    tools.store.mark_missed(session, round_moment(operation.calendar, operation.schedule, session));
  std::vector<Date> late;
  for (const DueRound& round : due.rounds) {
    if (round.mode == RoundMode::kCatchUp) late.push_back(round.session);
  }
  if (late.empty()) return;
  tools.alerts.raise(
      {AlertLevel::kWarning, operation.name + "/catch_up", fmt::format("Made up for: {}", span_text(late)),
       "Nothing was in operation when they were due.\n", source},
      now);
}

/// Waits until the next round is due, and sends what is to be sent meanwhile. Returns false when asked to
/// stop.
bool wait_for_round(const Operation& operation, const RunnerTools& tools) {
  const Timestamp next = next_round(operation, tools.clock.now());
  while (tools.clock.now() < next) {
    if (tools.interrupted()) return false;
    tools.clock.wait(kSecondsBetweenLooks);
    tools.alerts.deliver(tools.clock.now());
  }
  return true;
}

/// Sessions of a span, all of which must be due. `now` is the real time.
std::vector<Date> checked_sessions(const Operation& operation, Date from, Date to, Timestamp now) {
  const std::vector<Date> sessions = operation.calendar.sessions(from, to);
  if (sessions.empty()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{} has no session from {} to {}", operation.calendar.name(),
                                 to_string(from), to_string(to)));
  }
  const Timestamp last = round_moment(operation.calendar, operation.schedule, sessions.back());
  if (last > now) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("the round of {} is due at {}; it is {}", to_string(sessions.back()),
                                 to_string(last), to_string(now)));
  }
  return sessions;
}

}  // namespace

OperationEnd keep_operating(const Operation& operation, const RunnerTools& tools, bool once) {
  RoundRunner runner(operation, tools);
  OperationEnd end = OperationEnd::kGood;
  for (;;) {
    const DueRounds due = due_rounds(operation, tools.store, tools.clock.now());
    tell_gap(operation, tools, due);
    for (const DueRound& round : due.rounds) {
      const RoundState state = runner.run(round.session, round.mode);
      if (state == RoundState::kRunning) return OperationEnd::kInterrupted;
      if (state == RoundState::kFailed) end = OperationEnd::kFailed;
    }
    tools.alerts.deliver(tools.clock.now());
    if (once) return end;
    if (!wait_for_round(operation, tools)) return OperationEnd::kInterrupted;
  }
}

OperationEnd backfill(const Operation& operation, const RunnerTools& tools, Date from, Date to, bool anew) {
  RoundRunner runner(operation, tools);
  OperationEnd end = OperationEnd::kGood;
  for (const Date session : checked_sessions(operation, from, to, tools.clock.now())) {
    const RoundState state = runner.run(session, RoundMode::kBackfill, anew);
    if (state == RoundState::kRunning) return OperationEnd::kInterrupted;
    if (state == RoundState::kFailed) end = OperationEnd::kFailed;
  }
  return end;
}

OperationEnd replay(const Operation& operation, const RunnerTools& tools, ReplayClock& clock, Date from,
                    Date to) {
  RoundRunner runner(operation, tools);
  OperationEnd end = OperationEnd::kGood;
  for (const Date session : checked_sessions(operation, from, to, clock.now())) {
    clock.set(round_moment(operation.calendar, operation.schedule, session));
    const RoundState state = runner.run(session, RoundMode::kReplay);
    if (state == RoundState::kRunning) return OperationEnd::kInterrupted;
    if (state == RoundState::kFailed) end = OperationEnd::kFailed;
  }
  return end;
}

}  // namespace orrery
