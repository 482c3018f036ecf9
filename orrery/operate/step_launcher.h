#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace orrery {

/// How a step ended.
struct StepEnd {
  int status = 0;       ///< exit code; 128 + the signal where one ended it
  std::string message;  ///< what it said went wrong; may be empty
};

/// A step that was started.
class RunningStep {
 public:
  virtual ~RunningStep() = default;
  /// Nothing while it goes on.
  virtual std::optional<StepEnd> end() = 0;
  /// Asks it to stop; the second time it is ended at once.
  virtual void interrupt() = 0;
};

/// Starts steps.
class StepLauncher {
 public:
  virtual ~StepLauncher() = default;
  /// `arguments` are those of `orrery`; what it writes goes to `log`. Errors: those of starting a process.
  virtual std::unique_ptr<RunningStep> start(const std::vector<std::string>& arguments,
                                             const std::filesystem::path& log) = 0;
};

/// Returns the launcher of processes of a program, which end with this one, however it ends.
std::unique_ptr<StepLauncher> make_process_launcher(const std::filesystem::path& program);

}  // namespace orrery
