#pragma once

#include <functional>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/progress.h"

namespace orrery {

/// Passes progress on, and asks at every beginning and step whether to go on: a stage, a fold, a round of
/// boosting, a session of a backtest. When the answer is to stop it throws kCancelled, and the work unwinds.
class CancellableProgress final : public Progress {
 public:
  /// `cancelled` may be null: never. It is called from any thread.
  CancellableProgress(Progress& told, std::function<bool()> cancelled)
      : told_(told), cancelled_(std::move(cancelled)) {}

  void begin(std::string_view stage, std::size_t total) override {
    check();
    told_.begin(stage, total);
  }
  void advance(std::size_t steps) override {
    check();
    told_.advance(steps);
  }
  void end() override { told_.end(); }

 private:
  void check() const {
    if (cancelled_ && cancelled_()) throw user_error(ErrorCode::kCancelled, "stopped on request");
  }

  Progress& told_;
  std::function<bool()> cancelled_;
};

}  // namespace orrery
