#pragma once

#include <cstddef>
#include <optional>

#include "orrery/base/date.h"

namespace orrery {

/// One trading session: its row on the data's calendar and its date.
struct Session {
  std::size_t row = 0;
  Date date;

  bool operator==(const Session&) const = default;
};

/// Tells the engine, its feed and its broker which session it is. Nothing else in the engine knows the time.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Moves on to the next session and returns it, or nothing when there is none. A live clock waits here.
  virtual std::optional<Session> next() = 0;
  /// Returns the session of the last successful next().
  virtual Session now() const = 0;
};

}  // namespace orrery
