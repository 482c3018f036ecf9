#include "orrery/net/token_bucket.h"

#include <algorithm>

namespace orrery {

TokenBucket::TokenBucket(double per_minute, double burst, WaitClock& clock)
    : per_second_(per_minute / 60.0),
      burst_(std::max(burst, 1.0)),
      clock_(clock),
      tokens_(burst_),
      counted_at_(clock.seconds()),
      paused_until_(counted_at_) {}

/// Takes a token, on credit where none is left, and returns the seconds until it is earned.
double TokenBucket::reserve() {
  const std::lock_guard lock(mutex_);
  const double now = clock_.seconds();
  const double paused = std::max(0.0, paused_until_ - now);
  if (per_second_ <= 0.0) return paused;
  tokens_ = std::min(burst_, tokens_ + (now - counted_at_) * per_second_);
  counted_at_ = now;
  tokens_ -= 1.0;
  return std::max(paused, tokens_ >= 0.0 ? 0.0 : -tokens_ / per_second_);
}

void TokenBucket::take() {
  const double seconds = reserve();
  if (seconds > 0.0) clock_.wait(seconds);
}

void TokenBucket::pause(double seconds) {
  const std::lock_guard lock(mutex_);
  paused_until_ = std::max(paused_until_, clock_.seconds() + seconds);
}

}  // namespace orrery
