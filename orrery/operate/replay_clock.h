#pragma once

#include <mutex>

#include "orrery/base/wait_clock.h"

namespace orrery {

/// Tells the time of another day: from the moment that it was set to, as fast as the real one. Thread-safe.
class ReplayClock final : public WaitClock {
 public:
  explicit ReplayClock(WaitClock& real) : real_(real), set_at_(real.seconds()), moment_(real.now()) {}

  void set(Timestamp moment) {
    const std::lock_guard lock(mutex_);
    set_at_ = real_.seconds();
    moment_ = moment;
  }
  Timestamp now() override {
    const std::lock_guard lock(mutex_);
    return later(moment_, real_.seconds() - set_at_);
  }
  double seconds() override { return real_.seconds(); }
  void wait(double seconds) override { real_.wait(seconds); }

 private:
  WaitClock& real_;
  std::mutex mutex_;
  double set_at_;
  Timestamp moment_;
};

}  // namespace orrery
