#include <gtest/gtest.h>

#include <fstream>

#include "orrery/operate/daily_operation.h"
#include "orrery/operate/scheduler.h"
#include "testing/error_message.h"
#include "testing/fake_wait_clock.h"
#include "testing/temporary_folder.h"

namespace orrery::operate_test {
namespace {

Timestamp at(const std::string& text) { return *parse_timestamp(text); }
Date day(const std::string& text) { return *parse_date(text); }

/// How attempts of a step end: with these codes one after the other, the last one from then on; each takes so
/// long.
struct Behaviour {
  std::vector<int> statuses = {0};
  double seconds = 1.0;
  bool obeys = true;      ///< ends when it is asked to stop, not only when it is ended
  std::string said = {};  ///< what it prints besides
};

struct Started {
  std::vector<std::string> arguments;
  double at = 0.0;
};

class FakeStep final : public RunningStep {
 public:
  FakeStep(WaitClock& clock, int status, double seconds, bool obeys)
      : clock_(clock), status_(status), ends_(clock.seconds() + seconds), obeys_(obeys) {}
  std::optional<StepEnd> end() override {
    if (clock_.seconds() < ends_) return std::nullopt;
    return StepEnd{status_, status_ == 0 ? "" : "it went wrong"};
  }
  void interrupt() override {
    ++asked_;
    if (!obeys_ && asked_ < 2) return;
    status_ = 130;
    ends_ = clock_.seconds();
  }

 private:
  WaitClock& clock_;
  int status_;
  double ends_;
  bool obeys_;
  int asked_ = 0;
};

/// Steps are told apart by their second argument.
class FakeLauncher final : public StepLauncher {
 public:
  explicit FakeLauncher(WaitClock& clock) : clock_(clock) {}
  std::unique_ptr<RunningStep> start(const std::vector<std::string>& arguments,
                                     const std::filesystem::path& log) override {
    started.push_back({arguments, clock_.seconds()});
    Behaviour& how = behaviours[arguments[1]];
    std::ofstream(log) << "said by " << arguments[1] << "\n" << how.said;
    const int status = how.statuses.front();
    if (how.statuses.size() > 1) how.statuses.erase(how.statuses.begin());
    return std::make_unique<FakeStep>(clock_, status, how.seconds, how.obeys);
  }

  std::map<std::string, Behaviour> behaviours;
  std::vector<Started> started;

 private:
  WaitClock& clock_;
};

class SilentChannel final : public AlertChannel {
 public:
  explicit SilentChannel(std::vector<AlertMessage>& taken) : taken_(taken) {}
  void send(const AlertMessage& message) override { taken_.push_back(message); }

 private:
  std::vector<AlertMessage>& taken_;
};

constexpr const char* kSteps = R"(
steps:
  fetch: {kind: command, arguments: [x, fetch, "{session}"]}
  run:   {kind: command, arguments: [x, run, "{previous}", "{moment}", "{name}"], deadline_minutes: 30}
  tell:  {kind: command, arguments: [x, tell], announce: true}
  watch: {kind: command, arguments: [x, watch], needs: [run]}
  learn: {kind: command, arguments: [x, learn], when: watch, needs: []}
)";

class Operate : public ::testing::Test {
 protected:
  Operate() {
    kinds_.add("log", {{"a list", "here", {}},
                       [this](const ParameterMap&) { return std::make_unique<SilentChannel>(told_); }});
  }

  Operation operation(const std::string& steps = kSteps,
                      const std::string& head = "schedule: {minutes: 60}") {
    const auto file = folder_.path() / "daily.yaml";
    std::ofstream(file) << "name: daily\nstate: state\nalerts: {channels: {log: {level: info}}}\n"
                        << head << "\n"
                        << steps;
    return read_operation(file, kinds_);
  }

  /// Everything that a process has, made anew as after a restart.
  struct Process {
    Process(const Operation& operation, Operate& test)
        : store(operation_database(operation.state)),
          alerts(alert_database(operation.state)),
          router(operation.alerts, test.kinds_, alerts),
          tools{store, router, test.launcher_, test.clock_, [&test] { return test.is_stopped(); }} {}
    OperationStore store;
    AlertStore alerts;
    AlertRouter router;
    RunnerTools tools;
  };

  bool is_stopped() { return clock_.seconds() >= stop_at_; }

  std::vector<std::string> names_started() const {
    std::vector<std::string> names;
    for (const auto& step : launcher_.started) names.push_back(step.arguments[1]);
    return names;
  }

  static std::map<std::string, StepState> states(const KeptRound& round) {
    std::map<std::string, StepState> found;
    for (const auto& step : round.steps) found[step.name] = step.state;
    return found;
  }

  std::vector<std::string> titles() const {
    std::vector<std::string> found;
    for (const auto& message : told_) found.push_back(message.alert.title);
    return found;
  }

  testing::TemporaryFolder folder_;
  testing::FakeWaitClock clock_;  // 2026-01-05 is a Monday
  FakeLauncher launcher_{clock_};
  AlertChannelRegistry kinds_{"kind of channel"};
  std::vector<AlertMessage> told_;
  double stop_at_ = 1e18;
};

const std::vector<std::string> kAll = {"fetch", "run", "tell", "watch"};

TEST_F(Operate, ARoundDoesItsStepsInOrderAndOnce) {
  const Operation daily = operation();
  Process process(daily, *this);
  RoundRunner runner(daily, process.tools);
  EXPECT_EQ(runner.run(day("2026-01-02"), RoundMode::kScheduled), RoundState::kDone);
  EXPECT_EQ(names_started(), kAll);
  EXPECT_EQ(launcher_.started[0].arguments[2], "2026-01-02");
  // The session before is New Year's Eve; New York closes at 16:00, 21:00 UTC in winter.
  const std::vector<std::string> expected = {"x", "run", "2025-12-31", "2026-01-02T22:00:00Z", "daily"};
  EXPECT_EQ(launcher_.started[1].arguments, expected);
  const auto round = process.store.find(day("2026-01-02"));
  EXPECT_EQ(states(*round)["learn"], StepState::kSkipped);
  EXPECT_EQ(round->state, RoundState::kDone);
  EXPECT_EQ(titles(), (std::vector<std::string>{"run is late (2026-01-02)", "tell done (2026-01-02)"}))
      << "it is the fifth of January by the clock";
  EXPECT_EQ(told_.back().alert.text, "said by tell\n");
  EXPECT_EQ(runner.run(day("2026-01-02"), RoundMode::kScheduled), RoundState::kDone);
  EXPECT_EQ(launcher_.started.size(), 4U) << "what is done is not done again";
  EXPECT_EQ(runner.run(day("2026-01-02"), RoundMode::kBackfill, true), RoundState::kDone);
  EXPECT_EQ(launcher_.started.size(), 8U) << "unless anew";
}

TEST_F(Operate, AStepThatFailsIsTriedAgainAfterWaits) {
  const Operation daily = operation();
  launcher_.behaviours["fetch"].statuses = {1, 1, 0};
  Process process(daily, *this);
  EXPECT_EQ(RoundRunner(daily, process.tools).run(day("2026-01-05"), RoundMode::kScheduled),
            RoundState::kDone);
  ASSERT_GE(launcher_.started.size(), 3U);
  // One second's work, then 30 and 60 seconds of waiting.
  EXPECT_NEAR(launcher_.started[1].at - launcher_.started[0].at, 31.0, 0.7);
  EXPECT_NEAR(launcher_.started[2].at - launcher_.started[1].at, 61.0, 0.7);
  const auto step = process.store.find(day("2026-01-05"))->steps[0];
  EXPECT_EQ(step.attempts, 3);
  EXPECT_EQ(step.log, "logs/2026-01-05/fetch.3.log");
  EXPECT_EQ(step.message, "");
  EXPECT_EQ(titles(), std::vector<std::string>{"tell done (2026-01-05)"});
}

TEST_F(Operate, AStepThatFailsForGoodBlocksWhatNeedsIt) {
  const Operation daily = operation();
  launcher_.behaviours["run"].statuses = {1};
  Process process(daily, *this);
  EXPECT_EQ(RoundRunner(daily, process.tools).run(day("2026-01-05"), RoundMode::kScheduled),
            RoundState::kFailed);
  EXPECT_EQ(names_started(), (std::vector<std::string>{"fetch", "run", "run", "run"}));
  auto found = states(*process.store.find(day("2026-01-05")));
  EXPECT_EQ(found["run"], StepState::kFailed);
  for (const char* name : {"tell", "watch", "learn"}) EXPECT_EQ(found[name], StepState::kBlocked) << name;
  ASSERT_EQ(told_.size(), 1U);
  EXPECT_EQ(told_[0].alert.level, AlertLevel::kCritical);
  EXPECT_EQ(told_[0].alert.title, "run failed (2026-01-05)");
  EXPECT_EQ(told_[0].alert.text,
            "it went wrong\nNot done because of it: tell, watch, learn\n\nsaid by run\n");
  launcher_.behaviours["run"].statuses = {0};
  launcher_.started.clear();
  EXPECT_EQ(backfill(daily, process.tools, day("2026-01-02"), day("2026-01-02"), false), OperationEnd::kGood);
  EXPECT_EQ(RoundRunner(daily, process.tools).run(day("2026-01-05"), RoundMode::kBackfill),
            RoundState::kDone);
  EXPECT_EQ(names_started(),
            (std::vector<std::string>{"fetch", "run", "tell", "watch", "run", "tell", "watch"}));
  EXPECT_TRUE(process.alerts.find(1).acknowledged) << "it is over";
}

TEST_F(Operate, WhatWasCalledWronglyIsNotTriedAgain) {
  const Operation daily = operation();
  launcher_.behaviours["fetch"].statuses = {2};
  Process process(daily, *this);
  RoundRunner(daily, process.tools).run(day("2026-01-05"), RoundMode::kScheduled);
  EXPECT_EQ(launcher_.started.size(), 1U);
}

TEST_F(Operate, WhatIsToBeDoneIsToldAndDone) {
  const Operation daily = operation();
  launcher_.behaviours["watch"].statuses = {3};
  Process process(daily, *this);
  EXPECT_EQ(RoundRunner(daily, process.tools).run(day("2026-01-05"), RoundMode::kScheduled),
            RoundState::kDone);
  EXPECT_EQ(names_started().back(), "learn");
  EXPECT_EQ(titles().back(), "watch: something is to be done (2026-01-05)");
  EXPECT_EQ(told_.back().alert.level, AlertLevel::kWarning);
  EXPECT_EQ(told_.back().alert.text, "said by watch\n");
}

TEST_F(Operate, OfALongLogTheLastWholeLinesAreTold) {
  const Operation daily = operation();
  launcher_.behaviours["watch"].statuses = {3};
  const auto text_on = [&](const char* session, std::size_t lines, std::size_t length) {
    std::string& said = launcher_.behaviours["watch"].said;
    for (std::size_t i = 0; i < lines; ++i) said += std::string(length - 1, 'x') + "\n";
    Process process(daily, *this);
    RoundRunner(daily, process.tools).run(day(session), RoundMode::kBackfill);
    return told_.back().alert.text;
  };
  EXPECT_EQ(text_on("2026-01-05", 2, 100).size(), 14U + 200U) << "all of a short one, with 'said by watch'";
  EXPECT_EQ(text_on("2026-01-06", 98, 100).size(), 3000U) << "30 lines of 100 bytes fit as they are";
  EXPECT_EQ(text_on("2026-01-07", 50, 70).size(), 42U * 70U)
      << "of the 43rd line from the end a part would fit";
  EXPECT_EQ(text_on("2026-01-08", 1, 4000), "") << "one line that is longer";
}

TEST_F(Operate, ADeadlineThatPassesIsToldOnce) {
  const Operation daily = operation();
  // Due at 22:00 UTC, the deadline is 22:30; it is noon by the clock.
  clock_.wait(10.0 * 3600.0);
  launcher_.behaviours["run"].seconds = 45.0 * 60.0;
  Process process(daily, *this);
  EXPECT_EQ(RoundRunner(daily, process.tools).run(day("2026-01-05"), RoundMode::kScheduled),
            RoundState::kDone);
  ASSERT_EQ(titles(), (std::vector<std::string>{"run is late (2026-01-05)", "tell done (2026-01-05)"}));
  EXPECT_EQ(to_string(told_[0].raised).substr(0, 16), "2026-01-05T22:30");
  EXPECT_EQ(told_[0].alert.level, AlertLevel::kCritical);
  EXPECT_TRUE(process.store.find(day("2026-01-05"))->steps[1].late);
}

TEST_F(Operate, WhatHangsIsStoppedAndTriedAgain) {
  const Operation daily =
      operation("steps: {hang: {kind: command, arguments: [x, hang], timeout_minutes: 2, retries: 1}}");
  launcher_.behaviours["hang"] = {{0}, 1e9, false};
  Process process(daily, *this);
  EXPECT_EQ(RoundRunner(daily, process.tools).run(day("2026-01-05"), RoundMode::kBackfill),
            RoundState::kFailed);
  ASSERT_EQ(launcher_.started.size(), 2U);
  // Two minutes, half a minute of patience, and the wait before the next attempt.
  EXPECT_NEAR(launcher_.started[1].at - launcher_.started[0].at, 180.0, 1.5);
  EXPECT_EQ(process.store.find(day("2026-01-05"))->steps[0].message,
            "it took over 2 minutes and was stopped");
}

TEST_F(Operate, IndependentStepsRunBesideEachOther) {
  const std::string steps =
      "parallel: 2\nsteps:\n  a: {kind: command, arguments: [x, a]}\n  b: {kind: command, arguments: [x, b], "
      "needs: []}\n"
      "  c: {kind: command, arguments: [x, c], needs: []}\n  d: {kind: command, arguments: [x, d], needs: "
      "[a, b, c]}\n";
  const Operation daily = operation(steps);
  for (const char* name : {"a", "b", "c"}) launcher_.behaviours[name].seconds = 10.0;
  Process process(daily, *this);
  RoundRunner(daily, process.tools).run(day("2026-01-05"), RoundMode::kBackfill);
  ASSERT_EQ(names_started(), (std::vector<std::string>{"a", "b", "c", "d"}));
  EXPECT_NEAR(launcher_.started[1].at, 0.0, 0.1);
  EXPECT_NEAR(launcher_.started[2].at, 10.0, 0.7) << "two at a time";
  EXPECT_NEAR(launcher_.started[3].at, 20.0, 1.4);
}

TEST_F(Operate, AnInterruptedRoundGoesOnWithWhatWasNotDone) {
  const Operation daily = operation();
  launcher_.behaviours["run"].seconds = 100.0;
  stop_at_ = 50.0;
  {
    Process process(daily, *this);
    EXPECT_EQ(RoundRunner(daily, process.tools).run(day("2026-01-05"), RoundMode::kScheduled),
              RoundState::kRunning);
    EXPECT_EQ(process.store.unfinished(), std::vector<Date>{day("2026-01-05")});
  }
  stop_at_ = 1e18;
  launcher_.started.clear();
  clock_.wait(3600.0 * 10.5);
  Process restarted(daily, *this);
  EXPECT_EQ(keep_operating(daily, restarted.tools, true), OperationEnd::kGood);
  EXPECT_EQ(names_started(), (std::vector<std::string>{"run", "tell", "watch"}));
  EXPECT_EQ(restarted.store.find(day("2026-01-05"))->steps[1].attempts, 2);
}

TEST_F(Operate, MissedSessionsAreMadeUpForTheOldestFirst) {
  const Operation daily = operation("steps: {a: {kind: command, arguments: [x, a, \"{session}\"]}}",
                                    "catch_up: 2\nschedule: {after: close, minutes: 60}");
  const auto sessions_done = [this] {
    std::vector<std::string> sessions;
    for (const auto& step : launcher_.started) sessions.push_back(step.arguments[2]);
    launcher_.started.clear();
    return sessions;
  };
  Process process(daily, *this);
  EXPECT_EQ(keep_operating(daily, process.tools, true), OperationEnd::kGood);
  EXPECT_EQ(sessions_done(), std::vector<std::string>{"2026-01-02"}) << "the last one that is due";
  EXPECT_EQ(keep_operating(daily, process.tools, true), OperationEnd::kGood);
  EXPECT_TRUE(sessions_done().empty());
  EXPECT_EQ(next_round(daily, clock_.now()), at("2026-01-05T22:00:00Z"));
  clock_.wait(86400.0 * 7.0);  // noon of the 12th
  keep_operating(daily, process.tools, true);
  EXPECT_EQ(sessions_done(), (std::vector<std::string>{"2026-01-07", "2026-01-08", "2026-01-09"}));
  EXPECT_EQ(process.store.find(day("2026-01-05"))->state, RoundState::kMissed);
  EXPECT_EQ(process.store.find(day("2026-01-07"))->mode, RoundMode::kCatchUp);
  EXPECT_EQ(process.store.find(day("2026-01-09"))->mode, RoundMode::kScheduled);
  EXPECT_EQ(titles(), (std::vector<std::string>{"Missed: 2 sessions, 2026-01-05 to 2026-01-06",
                                                "Made up for: 2 sessions, 2026-01-07 to 2026-01-08"}));
  EXPECT_EQ(backfill(daily, process.tools, day("2026-01-01"), day("2026-01-06"), false), OperationEnd::kGood);
  EXPECT_EQ(sessions_done(), (std::vector<std::string>{"2026-01-05", "2026-01-06"}))
      << "the second is done already";
  const std::string early = testing::message_of(
      [&] { backfill(daily, process.tools, day("2026-01-09"), day("2026-01-12"), false); });
  EXPECT_NE(early.find("the round of 2026-01-12 is due at 2026-01-12T22:00:00Z"), std::string::npos) << early;
}

TEST_F(Operate, AWeekOfDaysIsDoneEachAtItsMoment) {
  const Operation daily =
      operation("steps: {a: {kind: command, arguments: [x, a, \"{session}\"], deadline_minutes: 5}}");
  Process process(daily, *this);
  stop_at_ = 8.0 * 86400.0;
  EXPECT_EQ(keep_operating(daily, process.tools, false), OperationEnd::kInterrupted);
  std::vector<double> moments;
  for (const auto& step : launcher_.started) moments.push_back(step.at / 3600.0);
  // Noon of Monday: Friday's at once, then each session's ten hours later; the weekend has none.
  ASSERT_EQ(moments.size(), 7U);
  const std::vector<double> expected = {0, 10, 34, 58, 82, 106, 178};
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(moments[i], expected[i], 0.001) << i;
  EXPECT_EQ(titles(), std::vector<std::string>{"a is late (2026-01-02)"});
}

TEST_F(Operate, AReplayIsAsOnThatDay) {
  const Operation daily = operation();
  launcher_.behaviours["run"].seconds = 45.0 * 60.0;
  ReplayClock then(clock_);
  Process process(daily, *this);
  RunnerTools tools{process.store, process.router, launcher_, then, [] { return false; }};
  EXPECT_EQ(replay(daily, tools, then, day("2025-07-03"), day("2025-07-03")), OperationEnd::kGood);
  // The day before Independence Day New York closes at 13:00, 17:00 UTC.
  ASSERT_EQ(titles(), (std::vector<std::string>{"run is late (2025-07-03)", "tell done (2025-07-03)"}));
  EXPECT_EQ(to_string(told_[0].raised).substr(0, 16), "2025-07-03T18:30");
  EXPECT_EQ(to_string(*process.store.find(day("2025-07-03"))->started), "2025-07-03T18:00:00Z");
}

TEST_F(Operate, RoundsAreDueByTheCalendar) {
  RoundSchedule schedule;
  const Calendar york = find_calendar("NYSE");
  EXPECT_EQ(round_moment(york, schedule, day("2026-07-06")), at("2026-07-06T21:00:00Z")) << "summer time";
  EXPECT_EQ(round_moment(york, schedule, day("2025-11-28")), at("2025-11-28T19:00:00Z")) << "closes at 13:00";
  schedule.anchor = RoundSchedule::Anchor::kBeforeOpen;
  schedule.minutes = 30.0;
  EXPECT_EQ(round_moment(york, schedule, day("2026-01-02")), at("2026-01-05T14:00:00Z"))
      << "Friday's on Monday";
  EXPECT_EQ(round_moment(find_calendar("24/7"), schedule, day("2026-01-02")), at("2026-01-02T23:30:00Z"));
  schedule.anchor = RoundSchedule::Anchor::kTimeOfDay;
  schedule.time_of_day = *parse_time_of_day("18:30");
  schedule.zone = find_time_zone("America/New_York");
  EXPECT_EQ(round_moment(york, schedule, day("2026-01-02")), at("2026-01-02T23:30:00Z"));
  schedule.time_of_day = *parse_time_of_day("07:00");
  schedule.zone = find_time_zone("Europe/Berlin");
  EXPECT_EQ(round_moment(york, schedule, day("2026-01-02")), at("2026-01-03T06:00:00Z"))
      << "the morning after";
}

TEST_F(Operate, KindsOfStepsAreCommands) {
  const Operation daily = operation(
      "steps:\n  fetch: {provider: yahoo, chain: [tiingo], symbols: [A, B], need: 2, lake: s3://b/l, set: "
      "{cache: "
      "kept}}\n"
      "  validate: {}\n  study: {study: s.yaml, run: kept/daily, set: {data.to: \"{session}\"}}\n"
      "  publish: {run: kept/daily, to: out/daily, min_names: 20}\n  monitor: {run: kept/daily, sessions: "
      "30}\n"
      "  retrain: {study: s.yaml, run: kept/fresh, when: monitor}\n"
      "  materialize: {features: f.yaml, views: [a, b]}\n");
  const std::string root = folder_.path().string();
  using Words = std::vector<std::string>;
  EXPECT_EQ(daily.steps[0].arguments,
            (Words{"fetch", "yahoo", "--lake", "s3://b/l", "--to", "{session}", "--symbols", "A,B", "--chain",
                   "tiingo", "--need", "2", "--set", "cache=kept"}));
  EXPECT_EQ(daily.steps[1].arguments, (Words{"data", "validate", "bars_1d", "--lake", "lake", "--repair"}));
  EXPECT_EQ(daily.steps[2].arguments, (Words{"run", root + "/s.yaml", "--out", root + "/kept/daily",
                                             "--update", "--set", "data.to={session}"}));
  EXPECT_EQ(daily.steps[3].arguments, (Words{"publish", root + "/kept/daily", "--to", root + "/out/daily",
                                             "--session", "{session}", "--min-names", "20"}));
  EXPECT_TRUE(daily.steps[3].announce);
  EXPECT_EQ(daily.steps[4].needs, Words{"publish"});
  EXPECT_EQ(daily.steps[5].arguments,
            (Words{"run", root + "/s.yaml", "--out", root + "/kept/fresh", "--set", "validation.test=1m"}));
  EXPECT_EQ(daily.steps[6].arguments, (Words{"feature", "materialize", root + "/f.yaml", "--until",
                                             "{session}", "--keep-newer", "--view", "a,b"}));
}

TEST_F(Operate, WhatIsWrongInTheFileIsToldWithItsPlace) {
  const std::string told = testing::message_of([&] {
    operation(
        "calendar: XMAS\nsteps:\n  a: {kind: command, arguments: [x, \"{sesion}\"], needs: [b]}\n"
        "  b: {kind: comand, needs: [a], retry: 3}\n  c: {kind: study, needs: [d], study: s.yaml}\n",
        "schedule: {at: noon}");
  });
  for (const char* part :
       {"daily.yaml:4:", "schedule.at", "expected a time such as", "daily.yaml:5:", "XMAS",
        "daily.yaml:7:", "'{sesion}' stands for nothing; did you mean 'session'?", "did you mean 'command'?",
        "steps.b.retry", "steps.c.run", "needs 'd', which is no step", "needs lead in a circle: a, b"}) {
    EXPECT_NE(told.find(part), std::string::npos) << part << "\nin\n" << told;
  }
}

}  // namespace
}  // namespace orrery::operate_test
