#include "orrery/operate/step_launcher.h"

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "orrery/base/child_process.h"
#include "orrery/base/error.h"

namespace orrery {
namespace {

/// The message of a line of events, where it tells an error.
std::string told_error(const std::string& line) {
  const auto event = nlohmann::json::parse(line, nullptr, false);
  return event.is_object() && event.value("event", "") == "error" ? event.value("message", "") : "";
}

class StepProcess final : public RunningStep {
 public:
  StepProcess(const std::vector<std::string>& command, const std::filesystem::path& log)
      : process_(command, "ORRERY_EVENTS_FD", log), reader_([this] { read(); }) {}

  ~StepProcess() override {
    process_.interrupt();
    reader_.join();
  }

  std::optional<StepEnd> end() override {
    const std::lock_guard lock(mutex_);
    return end_;
  }

  void interrupt() override { process_.interrupt(); }

 private:
  void read() {
    std::string message;
    while (const auto line = process_.next_line()) {
      std::string told = told_error(*line);
      if (!told.empty()) message = std::move(told);
    }
    const int status = process_.wait();
    const std::lock_guard lock(mutex_);
    end_ = StepEnd{status, std::move(message)};
  }

  ChildProcess process_;
  std::mutex mutex_;
  std::optional<StepEnd> end_;
  std::thread reader_;
};

class ProcessLauncher final : public StepLauncher {
 public:
  explicit ProcessLauncher(std::filesystem::path program) : program_(std::move(program)) {
    end_children_with_this();
  }

  std::unique_ptr<RunningStep> start(const std::vector<std::string>& arguments,
                                     const std::filesystem::path& log) override {
    std::vector<std::string> command = {program_.string()};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return std::make_unique<StepProcess>(command, log);
  }

 private:
  std::filesystem::path program_;
};

}  // namespace

std::unique_ptr<StepLauncher> make_process_launcher(const std::filesystem::path& program) {
  return std::make_unique<ProcessLauncher>(program);
}

}  // namespace orrery
