#pragma once

#include <cstdint>
#include <string_view>

#include "orrery/base/date.h"
#include "orrery/base/timestamp.h"

namespace orrery {

/// Returns the day, UTC, that a moment (nanoseconds since 1970) lies in; the end of a day belongs to it.
constexpr Date event_day(std::int64_t nanoseconds) {
  const std::int64_t before = nanoseconds - 1;
  const std::int64_t day =
      before >= 0 ? before / kNanosecondsPerDay : -((-before + kNanosecondsPerDay - 1) / kNanosecondsPerDay);
  return {static_cast<std::int32_t>(day)};
}

/// Returns the day of an event of a table. Actions and changes begin with their day, so that it lies behind
/// the event, not before it.
constexpr Date event_day(std::string_view table, std::int64_t nanoseconds) {
  const bool begins = table == "corporate_actions" || table == "membership" || table == "instruments";
  return event_day(nanoseconds + (begins ? 1 : 0));
}

}  // namespace orrery
