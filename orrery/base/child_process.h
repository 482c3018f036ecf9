#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace orrery {

/// Exit status by which a program of ours says that it was asked to stop: 128 + SIGINT, as shells say it.
inline constexpr int kInterruptedStatus = 130;

/// A program that was started beside this one: it writes lines of events to a pipe, whose end it finds in an
/// environment variable, and everything else into a log file. One thread reads, any other may interrupt.
class ChildProcess {
 public:
  /// Starts `command`, looked up on PATH, without input. `events` names the variable that holds the number of
  /// the pipe's descriptor. Errors: kNotFound when it can't be started; kIo.
  ChildProcess(const std::vector<std::string>& command, const std::string& events,
               const std::filesystem::path& log);
  /// Interrupts it and waits for its end.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Waits for the next line of events; nothing once the program has closed the pipe.
  std::optional<std::string> next_line();
  /// Asks it to stop (SIGINT). Does nothing once it has ended.
  void interrupt();
  /// Waits for the end. Returns its exit status; 128 + the signal where one ended it.
  int wait();

 private:
  int process_ = -1;
  int pipe_ = -1;
  std::string buffer_;
  std::mutex mutex_;  ///< of the status, so that nobody is signalled whose number is free again
  std::optional<int> status_;
};

/// From now on programs of ours that this one starts are killed when the thread that started them ends,
/// however it does. Call it before threads begin.
void end_children_with_this();

/// Called by every program of ours at its start: does what its starter asked by end_children_with_this.
void end_with_parent_if_asked();

/// The path of the program that is running.
std::filesystem::path own_program();

}  // namespace orrery
