#pragma once

#include <mutex>

#include "orrery/base/wait_clock.h"

namespace orrery {

/// Lets through so many requests a minute, and at most `burst` at once. Thread-safe.
class TokenBucket {
 public:
  /// `per_minute` 0: no limit. The bucket starts full.
  TokenBucket(double per_minute, double burst, WaitClock& clock);

  /// Waits until there is a token and takes it. Requests that wait are served in the order of their arrival.
  void take();

  /// Empties the bucket until `seconds` from now: the server said that the limit is reached.
  void pause(double seconds);

 private:
  double reserve();

  std::mutex mutex_;
  double per_second_;
  double burst_;
  WaitClock& clock_;
  double tokens_;
  double counted_at_;
  double paused_until_;
};

}  // namespace orrery
