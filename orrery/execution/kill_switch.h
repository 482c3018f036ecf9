#pragma once

#include <atomic>
#include <mutex>
#include <string>

namespace orrery {

/// Refuses every order while it is engaged. May be thrown from any thread while orders are judged on another.
class KillSwitch {
 public:
  void engage(std::string reason) {
    const std::lock_guard lock(mutex_);
    reason_ = std::move(reason);
    engaged_.store(true, std::memory_order_release);
  }
  void release() {
    const std::lock_guard lock(mutex_);
    engaged_.store(false, std::memory_order_release);
    reason_.clear();
  }
  bool engaged() const { return engaged_.load(std::memory_order_acquire); }
  /// Returns why, in the words of who engaged it; "" when it isn't.
  std::string reason() const {
    const std::lock_guard lock(mutex_);
    return reason_;
  }

 private:
  std::atomic<bool> engaged_ = false;
  mutable std::mutex mutex_;
  std::string reason_;
};

}  // namespace orrery
