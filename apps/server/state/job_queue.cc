#include "apps/server/state/job_queue.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/server/api/json.h"
#include "orrery/base/child_process.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/named_value.h"
#include "orrery/base/plain_name.h"

namespace orrery::server {
namespace {

constexpr std::size_t kMostWaiting = 100;
constexpr std::size_t kShownLog = 64 * 1024;
constexpr std::size_t kLongestRunName = 100;

bool has_ended(const Job& job) { return job.state != JobState::kQueued && job.state != JobState::kRunning; }

Json job_record(const Job& job) {
  return {{"number", job.number},          {"run", job.run},
          {"asked_by", job.asked_by},      {"asked", job.asked.nanoseconds},
          {"state", to_string(job.state)}, {"message", job.message}};
}

}  // namespace

std::string_view to_string(JobState state) {
  switch (state) {
    case JobState::kQueued:
      return "queued";
    case JobState::kRunning:
      return "running";
    case JobState::kDone:
      return "done";
    case JobState::kFailed:
      return "failed";
    case JobState::kCancelled:
      return "cancelled";
    case JobState::kLost:
      return "lost";
  }
  return "";
}

JobQueue::JobQueue(std::filesystem::path folder, std::filesystem::path runs, WaitClock& clock)
    : folder_(std::move(folder)), runs_(std::move(runs)), clock_(clock) {
  std::filesystem::create_directories(folder_);
  load();
  end_children_with_this();  // a job that a killed server has lost must not go on
  thread_ = std::thread([this] { work(); });
}

JobQueue::~JobQueue() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (running_ != nullptr) running_->interrupt();
  }
  changed_.notify_all();
  thread_.join();
}

std::filesystem::path JobQueue::folder_of(std::int64_t number) const {
  return folder_ / fmt::format("{:08d}", number);
}

void JobQueue::load() {
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    const auto file = entry.path() / "job.json";
    if (!std::filesystem::exists(file)) continue;  // its folder was made, and then the server was killed
    const Json record = Json::parse(read_file(file), nullptr, false);
    if (!record.is_object()) {
      throw external_error(ErrorCode::kDataCorrupt, fmt::format("{} is no job", file.string()));
    }
    Job job;
    job.number = record.value("number", std::int64_t{0});
    job.run = record.value("run", "");
    job.asked_by = record.value("asked_by", "");
    job.asked.nanoseconds = record.value("asked", std::int64_t{0});
    job.state = find_named<JobState>(record.value("state", "")).value_or(JobState::kLost);
    job.message = record.value("message", "");
    if (job.state == JobState::kRunning) {
      job.state = JobState::kLost;
      job.message = "the server was ended while it ran";
      save(job);
    }
    jobs_[job.number] = job;
  }
}

void JobQueue::save(const Job& job) const {
  write_file_atomically(folder_of(job.number) / "job.json", job_record(job).dump() + "\n");
}

Job JobQueue::add(const std::string& run, const std::string& study_yaml, const std::string& asked_by) {
  if (!is_plain_file_name(run, kLongestRunName)) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("'{}' is no name for a run: letters, digits, '-', '_' and '.', at most {}",
                                 run, kLongestRunName));
  }
  const std::lock_guard lock(mutex_);
  std::size_t waiting = 0;
  for (const auto& [number, job] : jobs_) {
    if (has_ended(job)) continue;
    ++waiting;
    if (job.run == run) {
      throw user_error(ErrorCode::kAlreadyExists,
                       fmt::format("job {} makes the run '{}' already", number, run));
    }
  }
  if (waiting >= kMostWaiting)
    throw external_error(ErrorCode::kUnavailable, "too many jobs wait; try again later");
  Job job;
  job.number = jobs_.empty() ? 1 : jobs_.rbegin()->first + 1;
  job.run = run;
  job.asked_by = asked_by;
  job.asked = clock_.now();
  std::filesystem::create_directories(folder_of(job.number));
  write_file_atomically(folder_of(job.number) / "study.yaml", study_yaml);
  save(job);
  jobs_[job.number] = job;
  changed_.notify_all();
  return job;
}

std::vector<Job> JobQueue::jobs() const {
  const std::lock_guard lock(mutex_);
  std::vector<Job> all;
  for (auto job = jobs_.rbegin(); job != jobs_.rend(); ++job) all.push_back(job->second);
  return all;
}

const Job& JobQueue::known(std::int64_t number) const {
  const auto found = jobs_.find(number);
  if (found == jobs_.end()) throw user_error(ErrorCode::kNotFound, fmt::format("there is no job {}", number));
  return found->second;
}

Job JobQueue::job(std::int64_t number) const {
  const std::lock_guard lock(mutex_);
  return known(number);
}

std::string JobQueue::log(std::int64_t number) const {
  job(number);
  return read_file_end(folder_of(number) / "log.txt", kShownLog);
}

Job JobQueue::cancel(std::int64_t number) {
  const std::lock_guard lock(mutex_);
  known(number);
  Job& job = jobs_[number];
  if (has_ended(job)) {
    throw user_error(ErrorCode::kAlreadyExists,
                     fmt::format("job {} has ended: {}", number, to_string(job.state)));
  }
  job.state = JobState::kCancelled;
  save(job);
  if (running_number_ == number && running_ != nullptr) running_->interrupt();
  return job;
}

void JobQueue::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto next = std::find_if(jobs_.begin(), jobs_.end(),
                                   [](const auto& entry) { return entry.second.state == JobState::kQueued; });
    if (next == jobs_.end()) {
      changed_.wait(lock);
      continue;
    }
    next->second.state = JobState::kRunning;
    save(next->second);
    const Job job = next->second;
    lock.unlock();
    run(job);
    lock.lock();
  }
}

void JobQueue::run(const Job& job) {
  const auto folder = folder_of(job.number);
  int status = 1;
  std::string message;
  try {
    ChildProcess program({own_program().string(), "run", (folder / "study.yaml").string(), "--out",
                          (runs_ / job.run).string()},
                         "ORRERY_EVENTS_FD", folder / "log.txt");
    {
      const std::lock_guard lock(mutex_);
      running_ = &program;
      running_number_ = job.number;
      if (stopping_ || jobs_[job.number].state == JobState::kCancelled) program.interrupt();
    }
    while (const auto event = program.next_line()) {
      const Json told = Json::parse(*event, nullptr, false);
      if (!told.is_object()) continue;
      if (told.value("event", "") == "error") message = told.value("message", "");
      const std::lock_guard lock(mutex_);
      Job& known = jobs_[job.number];
      known.stage = told.value("stage", known.stage);
      known.done = told.value("done", std::size_t{0});
      known.total = told.value("total", std::size_t{0});
    }
    status = program.wait();
    const std::lock_guard lock(mutex_);
    running_ = nullptr;
    running_number_ = 0;
  } catch (const Error& error) {
    message = error.what();
    const std::lock_guard lock(mutex_);
    running_ = nullptr;
  }
  const std::lock_guard lock(mutex_);
  Job& ended = jobs_[job.number];
  if (ended.state == JobState::kRunning) {
    if (stopping_ && status == kInterruptedStatus) {
      ended.state = JobState::kQueued;
    } else {
      ended.state = status == 0 ? JobState::kDone : JobState::kFailed;
    }
    if (ended.state == JobState::kFailed) {
      ended.message =
          message.empty() ? fmt::format("it ended with status {}; its log says more", status) : message;
    }
  }
  save(ended);
}

}  // namespace orrery::server
