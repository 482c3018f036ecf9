#include "orrery/operate/operation_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "orrery/base/named_value.h"

namespace orrery {
namespace {

constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS rounds (
  session INTEGER PRIMARY KEY, due INTEGER NOT NULL, mode TEXT NOT NULL, state TEXT NOT NULL,
  started INTEGER, ended INTEGER);
CREATE TABLE IF NOT EXISTS steps (
  session INTEGER NOT NULL REFERENCES rounds(session), place INTEGER NOT NULL, name TEXT NOT NULL,
  kind TEXT NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL, started INTEGER, ended INTEGER,
  status INTEGER, message TEXT NOT NULL, log TEXT NOT NULL, late INTEGER NOT NULL,
  PRIMARY KEY (session, name));
)sql";

std::int64_t key_of(Date session) { return session.days; }

std::optional<std::int64_t> nanoseconds_of(const std::optional<Timestamp>& moment) {
  return moment ? std::optional(moment->nanoseconds) : std::nullopt;
}

std::optional<Timestamp> moment_in(const SqliteStatement& row, int column) {
  if (row.missing(column)) return std::nullopt;
  return Timestamp{row.integer(column)};
}

KeptStep read_step_row(const SqliteStatement& row) {
  KeptStep step;
  step.name = row.text(0);
  step.kind = row.text(1);
  step.state = find_named<StepState>(row.text(2)).value_or(StepState::kFailed);
  step.attempts = static_cast<int>(row.integer(3));
  step.started = moment_in(row, 4);
  step.ended = moment_in(row, 5);
  if (!row.missing(6)) step.status = static_cast<int>(row.integer(6));
  step.message = row.text(7);
  step.log = row.text(8);
  step.late = row.integer(9) != 0;
  return step;
}

/// The steps as the file has them now, with what is known of them from an earlier pass.
std::vector<KeptStep> planned_steps(const Operation& operation, const std::vector<KeptStep>& before,
                                    bool anew) {
  std::vector<KeptStep> steps;
  for (const StepSettings& settings : operation.steps) {
    const auto known = std::find_if(before.begin(), before.end(),
                                    [&settings](const KeptStep& step) { return step.name == settings.name; });
    KeptStep step = known == before.end() ? KeptStep{} : *known;
    step.name = settings.name;
    step.kind = settings.kind;
    if (anew || !went_well(step.state)) step.state = StepState::kWaiting;
    steps.push_back(std::move(step));
  }
  return steps;
}

}  // namespace

std::string_view to_string(StepState state) {
  switch (state) {
    case StepState::kWaiting:
      return "waiting";
    case StepState::kRunning:
      return "running";
    case StepState::kRetrying:
      return "retrying";
    case StepState::kDone:
      return "done";
    case StepState::kAction:
      return "action";
    case StepState::kFailed:
      return "failed";
    case StepState::kBlocked:
      return "blocked";
    case StepState::kSkipped:
      return "skipped";
  }
  return "";
}

std::string_view to_string(RoundState state) {
  switch (state) {
    case RoundState::kRunning:
      return "running";
    case RoundState::kDone:
      return "done";
    case RoundState::kFailed:
      return "failed";
    case RoundState::kMissed:
      return "missed";
  }
  return "";
}

std::string_view to_string(RoundMode mode) {
  switch (mode) {
    case RoundMode::kScheduled:
      return "scheduled";
    case RoundMode::kCatchUp:
      return "catch_up";
    case RoundMode::kBackfill:
      return "backfill";
    case RoundMode::kReplay:
      return "replay";
  }
  return "";
}

bool went_well(StepState state) {
  return state == StepState::kDone || state == StepState::kAction || state == StepState::kSkipped;
}

bool is_over(StepState state) {
  return went_well(state) || state == StepState::kFailed || state == StepState::kBlocked;
}

OperationStore::OperationStore(const std::filesystem::path& file)
    : database_(file, "the store of daily rounds") {
  database_.execute(kSchema);
}

KeptRound OperationStore::begin(const Operation& operation, Date session, RoundMode mode, bool anew,
                                Timestamp now) {
  database_.transaction([&] {
    const auto known = find(session);
    const auto steps = planned_steps(operation, known ? known->steps : std::vector<KeptStep>{}, anew);
    const Timestamp due = round_moment(operation.calendar, operation.schedule, session);
    auto round = database_.statement(
        "INSERT INTO rounds (session, due, mode, state, started) VALUES (?, ?, ?, 'running', ?) ON CONFLICT "
        "(session) DO UPDATE SET due = excluded.due, mode = excluded.mode, state = 'running', ended = NULL, "
        "started = coalesce(started, excluded.started)");
    round.bind(key_of(session)).bind(due.nanoseconds).bind(std::string(to_string(mode)));
    round.bind(now.nanoseconds).step();
    database_.statement("DELETE FROM steps WHERE session = ?").bind(key_of(session)).step();
    auto insert = database_.statement(
        "INSERT INTO steps (session, place, name, kind, state, attempts, message, log, late) "
        "VALUES (?, ?, ?, ?, 'waiting', 0, '', '', 0)");
    for (std::size_t place = 0; place < steps.size(); ++place) {
      insert.reset();
      insert.bind(key_of(session)).bind(static_cast<std::int64_t>(place)).bind(steps[place].name);
      insert.bind(steps[place].kind).step();
      save(session, steps[place]);
    }
  });
  return *find(session);
}

void OperationStore::save(Date session, const KeptStep& step) {
  auto update = database_.statement(
      "UPDATE steps SET state = ?, attempts = ?, started = ?, ended = ?, status = ?, message = ?, log = ?, "
      "late = ? WHERE session = ? AND name = ?");
  update.bind(std::string(to_string(step.state))).bind(std::int64_t{step.attempts});
  update.bind(nanoseconds_of(step.started)).bind(nanoseconds_of(step.ended)).bind(step.status);
  update.bind(step.message).bind(step.log).bind(std::int64_t{step.late});
  update.bind(key_of(session)).bind(step.name).step();
}

void OperationStore::end(Date session, RoundState state, Timestamp now) {
  auto update = database_.statement("UPDATE rounds SET state = ?, ended = ? WHERE session = ?");
  update.bind(std::string(to_string(state))).bind(now.nanoseconds).bind(key_of(session)).step();
}

void OperationStore::mark_missed(Date session, Timestamp due) {
  auto insert = database_.statement(
      "INSERT OR IGNORE INTO rounds (session, due, mode, state) VALUES (?, ?, 'scheduled', 'missed')");
  insert.bind(key_of(session)).bind(due.nanoseconds).step();
}

std::vector<Date> OperationStore::unfinished() {
  std::vector<Date> sessions;
  auto rows = database_.statement("SELECT session FROM rounds WHERE state = 'running' ORDER BY session");
  while (rows.step()) sessions.push_back({static_cast<std::int32_t>(rows.integer(0))});
  return sessions;
}

std::optional<Date> OperationStore::last_session() {
  auto row = database_.statement("SELECT max(session) FROM rounds");
  if (!row.step() || row.missing(0)) return std::nullopt;
  return Date{static_cast<std::int32_t>(row.integer(0))};
}

std::vector<KeptStep> OperationStore::steps_of(Date session) {
  std::vector<KeptStep> steps;
  auto rows = database_.statement(
      "SELECT name, kind, state, attempts, started, ended, status, message, log, late FROM steps "
      "WHERE session = ? ORDER BY place");
  rows.bind(key_of(session));
  while (rows.step()) steps.push_back(read_step_row(rows));
  return steps;
}

std::vector<KeptRound> OperationStore::select(const std::string& condition, std::int64_t value,
                                              std::size_t most) {
  std::vector<KeptRound> found;
  auto rows =
      database_.statement(fmt::format("SELECT session, due, mode, state, started, ended FROM rounds WHERE {} "
                                      "ORDER BY session DESC LIMIT ?",
                                      condition));
  rows.bind(value).bind(static_cast<std::int64_t>(most));
  while (rows.step()) {
    KeptRound round;
    round.session = {static_cast<std::int32_t>(rows.integer(0))};
    round.due = {rows.integer(1)};
    round.mode = find_named<RoundMode>(rows.text(2)).value_or(RoundMode::kScheduled);
    round.state = find_named<RoundState>(rows.text(3)).value_or(RoundState::kFailed);
    round.started = moment_in(rows, 4);
    round.ended = moment_in(rows, 5);
    round.steps = steps_of(round.session);
    found.push_back(std::move(round));
  }
  return found;
}

std::vector<KeptRound> OperationStore::rounds(std::size_t most) {
  return select("session > ?", std::numeric_limits<std::int32_t>::min(), most);
}

std::optional<KeptRound> OperationStore::find(Date session) {
  auto found = select("session = ?", key_of(session), 1);
  if (found.empty()) return std::nullopt;
  return found.front();
}

}  // namespace orrery
