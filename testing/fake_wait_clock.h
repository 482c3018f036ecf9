#pragma once

#include <mutex>
#include <vector>

#include "orrery/base/wait_clock.h"

namespace orrery::testing {

/// A clock on which waiting takes no time and is written down. It starts at 2026-01-05T12:00:00Z.
class FakeWaitClock final : public WaitClock {
 public:
  Timestamp now() override {
    const std::lock_guard lock(mutex_);
    return {1767614400'000000000 + static_cast<std::int64_t>(elapsed_ * 1e9)};
  }
  double seconds() override {
    const std::lock_guard lock(mutex_);
    return elapsed_;
  }
  void wait(double seconds) override {
    const std::lock_guard lock(mutex_);
    waits_.push_back(seconds);
    elapsed_ += seconds;
  }
  std::vector<double> waits() {
    const std::lock_guard lock(mutex_);
    return waits_;
  }

 private:
  std::mutex mutex_;
  double elapsed_ = 0.0;
  std::vector<double> waits_;
};

}  // namespace orrery::testing
