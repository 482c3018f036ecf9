#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "orrery/base/wait_clock.h"

namespace orrery {
class ChildProcess;
}

namespace orrery::server {

enum class JobState { kQueued, kRunning, kDone, kFailed, kCancelled, kLost };

/// Returns "queued", "running", "done", "failed", "cancelled" or "lost": it ran when the server was killed.
std::string_view to_string(JobState state);

/// A study that somebody asked the server to run.
struct Job {
  std::int64_t number = 0;
  std::string run;  ///< name of the run's folder
  std::string asked_by;
  Timestamp asked;
  JobState state = JobState::kQueued;
  std::string stage;      ///< what it does now
  std::size_t done = 0;   ///< steps of the stage
  std::size_t total = 0;  ///< 0: unknown
  std::string message;    ///< why it failed
};

/// Runs studies one after the other, each in a process of its own. What was asked for is on the disk before
/// it is answered: jobs that wait go on after a restart, one that ran is marked as lost (its run can be asked
/// for again). A job ends with the server, however that does: see end_children_with_this, which every queue
/// calls for its process. Thread-safe.
class JobQueue {
 public:
  /// `folder` keeps each job's study, state and log; runs appear under `runs`. Errors: kIo, kDataCorrupt.
  JobQueue(std::filesystem::path folder, std::filesystem::path runs, WaitClock& clock);
  /// Interrupts the one that runs; it is queued again, and so begun anew by the next server.
  ~JobQueue();
  JobQueue(const JobQueue&) = delete;
  JobQueue& operator=(const JobQueue&) = delete;

  /// Errors: kInvalidArgument for a name that is no plain folder's name; kAlreadyExists while a job of that
  /// name waits or runs; kUnavailable with too many waiting.
  Job add(const std::string& run, const std::string& study_yaml, const std::string& asked_by);
  /// The newest first.
  std::vector<Job> jobs() const;
  /// Errors: kNotFound.
  Job job(std::int64_t number) const;
  /// What it wrote so far, the last 64 KiB. Errors: kNotFound.
  std::string log(std::int64_t number) const;
  /// Errors: kNotFound; kAlreadyExists for one that has ended.
  Job cancel(std::int64_t number);

 private:
  void work();
  void run(const Job& job);
  void save(const Job& job) const;
  void load();
  std::filesystem::path folder_of(std::int64_t number) const;
  const Job& known(std::int64_t number) const;

  std::filesystem::path folder_;
  std::filesystem::path runs_;
  WaitClock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::int64_t, Job> jobs_;
  ChildProcess* running_ = nullptr;
  std::int64_t running_number_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace orrery::server
