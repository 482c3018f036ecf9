#pragma once

#include "orrery/base/timestamp.h"

namespace orrery {

/// Tells the time and lets it pass, for work that has to wait: retries, limits per minute. Passed in, so that
/// a test waits for nothing. Thread-safe.
class WaitClock {
 public:
  virtual ~WaitClock() = default;
  /// Returns the moment it is.
  virtual Timestamp now() = 0;
  /// Returns seconds since some fixed moment; never goes back.
  virtual double seconds() = 0;
  /// Returns after so many seconds.
  virtual void wait(double seconds) = 0;
};

/// Returns the system's clock.
WaitClock& system_wait_clock();

}  // namespace orrery
