#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "orrery/alert/alert_router.h"
#include "orrery/base/wait_clock.h"
#include "orrery/operate/operation.h"
#include "orrery/operate/operation_store.h"
#include "orrery/operate/step_launcher.h"

namespace orrery {

/// What a runner works with; all of it outlives the runner.
struct RunnerTools {
  OperationStore& store;
  AlertRouter& alerts;
  StepLauncher& launcher;
  WaitClock& clock;
  std::function<bool()> interrupted;                     ///< whether somebody asked to stop
  std::function<void(Date, const KeptStep&)> told = {};  ///< called whenever a step's state changes
};

/// Does rounds: each step once what it needs went well, failed ones again after a wait, all that is late or
/// fails for good told as an alert. Every change is in the store before the next one, so that a round that
/// was killed goes on with the steps that were not done.
class RoundRunner {
 public:
  RoundRunner(const Operation& operation, RunnerTools tools);
  ~RoundRunner();

  /// Does a session's round, or what is left of it. Returns kRunning where it was interrupted.
  RoundState run(Date session, RoundMode mode, bool anew = false);

 private:
  struct Work;

  bool advance();
  void start_ready();
  void start(Work& work);
  void collect();
  void take_end(Work& work, const StepEnd& end);
  void fail(Work& work, const std::string& reason);
  void stop_overdue();
  void tell_late();
  void stop_all();
  void deliver();
  double look_seconds() const;
  bool is_ready(const Work& work);
  void block_or_skip();
  void finish_step(Work& work, StepState state);
  void save(Work& work);
  void raise(AlertLevel level, const Work& work, const std::string& matter, const std::string& title,
             const std::string& text);
  std::string key(const Work& work, const std::string& matter) const;
  std::string tail_of_log(const Work& work, std::size_t most_bytes) const;
  std::string blocked_by(const Work& work) const;
  int running() const;
  Work& find(const std::string& name);

  const Operation& operation_;
  RunnerTools tools_;
  Date session_;
  Timestamp due_;
  bool deadlines_hold_ = true;
  double delivered_ = -1e9;  ///< by the clock's seconds
  std::vector<std::unique_ptr<Work>> work_;
};

}  // namespace orrery
