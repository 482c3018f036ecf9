#include "orrery/operate/round_runner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "orrery/base/child_process.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"

namespace orrery {
namespace {

constexpr double kLookSeconds = 0.05;  // while a step is young, as most are short
constexpr double kLazyLookSeconds = 0.5;
constexpr double kYoungSeconds = 5.0;
constexpr double kSecondsBetweenDeliveries = 1.0;
constexpr double kLongestWaitSeconds = 900.0;
constexpr double kPatienceSeconds = 30.0;  // after it was asked to stop
constexpr std::size_t kShownLog = 3000;
constexpr int kWrongUsage = 2;

/// The last lines of a file that are whole, together of at most so many bytes.
std::string last_lines(const std::filesystem::path& file, std::size_t most_bytes) {
  std::string text = read_file_end(file, most_bytes + 1);  // the one before them shows where a line begins
  if (text.size() > most_bytes) text.erase(0, std::min(text.find('\n'), most_bytes) + 1);
  return text;
}

}  // namespace

/// A step on its way.
struct RoundRunner::Work {
  const StepSettings* settings = nullptr;
  KeptStep kept;
  std::unique_ptr<RunningStep> process;
  int failures = 0;         ///< in this pass
  double not_before = 0.0;  ///< by the clock's seconds
  double begun = 0.0;
  int asked_to_stop = 0;
};

RoundRunner::RoundRunner(const Operation& operation, RunnerTools tools)
    : operation_(operation), tools_(std::move(tools)) {}

RoundRunner::~RoundRunner() = default;

RoundState RoundRunner::run(Date session, RoundMode mode, bool anew) {
  const KeptRound round = tools_.store.begin(operation_, session, mode, anew, tools_.clock.now());
  session_ = session;
  due_ = round.due;
  deadlines_hold_ = mode == RoundMode::kScheduled || mode == RoundMode::kReplay;
  work_.clear();
  for (std::size_t i = 0; i < operation_.steps.size(); ++i) {
    auto work = std::make_unique<Work>();
    work->settings = &operation_.steps[i];
    work->kept = round.steps[i];
    work_.push_back(std::move(work));
  }
  while (advance()) {
    if (tools_.interrupted()) {
      stop_all();
      return RoundState::kRunning;
    }
    tools_.clock.wait(look_seconds());
  }
  const bool is_good =
      std::all_of(work_.begin(), work_.end(), [](const auto& work) { return went_well(work->kept.state); });
  const RoundState state = is_good ? RoundState::kDone : RoundState::kFailed;
  tools_.store.end(session, state, tools_.clock.now());
  tools_.alerts.deliver(tools_.clock.now());
  return state;
}

/// Returns false once every step is over.
bool RoundRunner::advance() {
  collect();
  block_or_skip();
  start_ready();
  stop_overdue();
  tell_late();
  deliver();
  return std::any_of(work_.begin(), work_.end(), [](const auto& work) { return !is_over(work->kept.state); });
}

double RoundRunner::look_seconds() const {
  const double now = tools_.clock.seconds();
  const bool is_young = std::any_of(work_.begin(), work_.end(), [now](const auto& work) {
    return work->process != nullptr && now - work->begun < kYoungSeconds;
  });
  return is_young ? kLookSeconds : kLazyLookSeconds;
}

void RoundRunner::deliver() {
  if (tools_.clock.seconds() - delivered_ < kSecondsBetweenDeliveries) return;
  delivered_ = tools_.clock.seconds();
  tools_.alerts.deliver(tools_.clock.now());
}

RoundRunner::Work& RoundRunner::find(const std::string& name) {
  return **std::find_if(work_.begin(), work_.end(),
                        [&name](const auto& work) { return work->settings->name == name; });
}

int RoundRunner::running() const {
  return static_cast<int>(
      std::count_if(work_.begin(), work_.end(), [](const auto& work) { return work->process != nullptr; }));
}

void RoundRunner::collect() {
  for (const auto& work : work_) {
    if (!work->process) continue;
    if (const auto end = work->process->end()) take_end(*work, *end);
  }
}

void RoundRunner::take_end(Work& work, const StepEnd& end) {
  work.process.reset();
  work.kept.status = end.status;
  work.kept.ended = tools_.clock.now();
  const bool may_act = work.settings->kind == "monitor" || work.settings->kind == "command";
  if (end.status == kInterruptedStatus && tools_.interrupted()) {  // Ctrl-C reaches the steps, too
    work.kept.state = StepState::kWaiting;
    return save(work);
  }
  if (end.status == 0) return finish_step(work, StepState::kDone);
  if (end.status == kActionIsDue && may_act) return finish_step(work, StepState::kAction);
  if (work.asked_to_stop > 0) {
    return fail(work, fmt::format("it took over {} minutes and was stopped", work.settings->timeout_minutes));
  }
  fail(work, end.message.empty() ? fmt::format("it ended with status {}", end.status) : end.message);
}

void RoundRunner::finish_step(Work& work, StepState state) {
  // Told first: killed in between, the step is done again and the same alert only counted.
  const Timestamp now = tools_.clock.now();
  tools_.alerts.settle(key(work, "failed"), now);
  tools_.alerts.settle(key(work, "late"), now);
  const std::string& name = work.settings->name;
  if (state == StepState::kAction) {
    raise(AlertLevel::kWarning, work, "action",
          fmt::format("{}: something is to be done ({})", name, to_string(session_)),
          tail_of_log(work, kShownLog));
  } else if (work.settings->announce) {
    raise(AlertLevel::kInfo, work, "done", fmt::format("{} done ({})", name, to_string(session_)),
          tail_of_log(work, kShownLog));
  }
  work.kept.state = state;
  work.kept.message.clear();
  save(work);
}

void RoundRunner::fail(Work& work, const std::string& reason) {
  work.kept.message = reason;
  ++work.failures;
  // What was called wrongly is so the next time, too.
  const bool is_hopeless = work.kept.status == kWrongUsage && work.asked_to_stop == 0;
  if (work.failures <= work.settings->retries && !is_hopeless) {
    const double wait =
        std::min(kLongestWaitSeconds,
                 work.settings->retry_seconds * static_cast<double>(1 << std::min(work.failures - 1, 20)));
    work.not_before = tools_.clock.seconds() + wait;
    work.kept.state = StepState::kRetrying;
    return save(work);
  }
  const std::string log = tail_of_log(work, kShownLog);
  raise(AlertLevel::kCritical, work, "failed",
        fmt::format("{} failed ({})", work.settings->name, to_string(session_)),
        fmt::format("{}\n{}{}", reason, blocked_by(work), log.empty() ? "" : "\n" + log));
  work.kept.state = StepState::kFailed;
  save(work);
}

std::string RoundRunner::blocked_by(const Work& work) const {
  std::vector<std::string> lost = {work.settings->name};
  for (const auto& other : work_) {
    const auto& needs = other->settings->needs;
    const bool is_lost = std::any_of(needs.begin(), needs.end(), [&lost](const auto& need) {
      return std::find(lost.begin(), lost.end(), need) != lost.end();
    });
    if (is_lost && !is_over(other->kept.state)) lost.push_back(other->settings->name);
  }
  lost.erase(lost.begin());
  return lost.empty() ? "" : fmt::format("Not done because of it: {}\n", fmt::join(lost, ", "));
}

/// Ends what can't be done any more, or need not be.
void RoundRunner::block_or_skip() {
  for (const auto& work : work_) {
    if (work->kept.state != StepState::kWaiting) continue;
    bool is_blocked = false;
    bool is_known = true;
    for (const auto& need : work->settings->needs) {
      const StepState state = find(need).kept.state;
      is_blocked = is_blocked || (is_over(state) && !went_well(state));
      is_known = is_known && is_over(state);
    }
    const bool is_unwanted = is_known && !is_blocked && !work->settings->when.empty() &&
                             find(work->settings->when).kept.state != StepState::kAction;
    if (!is_blocked && !is_unwanted) continue;
    work->kept.state = is_blocked ? StepState::kBlocked : StepState::kSkipped;
    save(*work);
  }
}

bool RoundRunner::is_ready(const Work& work) {
  if (work.process) return false;
  if (work.kept.state == StepState::kRetrying) return tools_.clock.seconds() >= work.not_before;
  if (work.kept.state != StepState::kWaiting) return false;
  return std::all_of(work.settings->needs.begin(), work.settings->needs.end(),
                     [this](const auto& need) { return went_well(find(need).kept.state); });
}

void RoundRunner::start_ready() {
  for (const auto& work : work_) {
    if (running() >= operation_.parallel) return;
    if (is_ready(*work)) start(*work);
  }
}

void RoundRunner::start(Work& work) {
  KeptStep& kept = work.kept;
  ++kept.attempts;
  kept.state = StepState::kRunning;
  kept.started = tools_.clock.now();
  kept.ended.reset();
  kept.status.reset();
  kept.log = fmt::format("logs/{}/{}.{}.log", to_string(session_), work.settings->name, kept.attempts);
  work.begun = tools_.clock.seconds();
  work.asked_to_stop = 0;
  save(work);
  const auto log = operation_.state / kept.log;
  try {
    std::filesystem::create_directories(log.parent_path());
    std::vector<std::string> arguments;
    for (const auto& argument : work.settings->arguments)
      arguments.push_back(fill_placeholders(operation_, argument, session_));
    work.process = tools_.launcher.start(arguments, log);
  } catch (const std::exception& error) {
    kept.ended = tools_.clock.now();
    fail(work, error.what());
  }
}

void RoundRunner::stop_overdue() {
  for (const auto& work : work_) {
    if (!work->process) continue;
    const double allowed = work->settings->timeout_minutes * 60.0 + kPatienceSeconds * work->asked_to_stop;
    if (tools_.clock.seconds() - work->begun < allowed) continue;
    work->process->interrupt();
    ++work->asked_to_stop;
  }
}

void RoundRunner::tell_late() {
  if (!deadlines_hold_) return;
  for (const auto& work : work_) {
    const auto& deadline = work->settings->deadline_minutes;
    if (!deadline || work->kept.late || is_over(work->kept.state)) continue;
    const Timestamp until = later(due_, *deadline * 60.0);
    if (tools_.clock.now() < until) continue;
    const std::string state = std::string(to_string(work->kept.state));
    raise(AlertLevel::kCritical, *work, "late",
          fmt::format("{} is late ({})", work->settings->name, to_string(session_)),
          fmt::format("It was to be done by {}, and is {}.{}\n", to_string(until), state,
                      work->kept.message.empty() ? "" : " Last: " + work->kept.message));
    work->kept.late = true;
    save(*work);
  }
}

void RoundRunner::stop_all() {
  for (const auto& work : work_) {
    if (work->process) work->process->interrupt();
  }
  const double asked = tools_.clock.seconds();
  bool asked_twice = false;
  while (running() > 0) {
    const bool is_impatient = tools_.clock.seconds() - asked > kPatienceSeconds && !asked_twice;
    asked_twice = asked_twice || is_impatient;
    for (const auto& work : work_) {
      if (!work->process) continue;
      if (is_impatient) work->process->interrupt();
      if (!work->process->end()) continue;
      work->process.reset();
      work->kept.ended = tools_.clock.now();
      work->kept.state = StepState::kWaiting;
      save(*work);
    }
    tools_.clock.wait(kLookSeconds);
  }
}

void RoundRunner::save(Work& work) {
  tools_.store.save(session_, work.kept);
  if (tools_.told) tools_.told(session_, work.kept);
}

std::string RoundRunner::key(const Work& work, const std::string& matter) const {
  return fmt::format("{}/{}/{}/{}", operation_.name, to_string(session_), work.settings->name, matter);
}

void RoundRunner::raise(AlertLevel level, const Work& work, const std::string& matter,
                        const std::string& title, const std::string& text) {
  tools_.alerts.raise({level, key(work, matter), title, text, "operate " + operation_.name},
                      tools_.clock.now());
}

std::string RoundRunner::tail_of_log(const Work& work, std::size_t most_bytes) const {
  return work.kept.log.empty() ? "" : last_lines(operation_.state / work.kept.log, most_bytes);
}

}  // namespace orrery
