#pragma once

#include <cstdint>

#include "orrery/base/date.h"

namespace orrery {

/// Returns the day, UTC, that a moment (nanoseconds since 1970) lies in; the end of a day belongs to it.
constexpr Date event_day(std::int64_t nanoseconds) {
  constexpr std::int64_t kDay = 86'400'000'000'000;
  const std::int64_t before = nanoseconds - 1;
  const std::int64_t day = before >= 0 ? before / kDay : -((-before + kDay - 1) / kDay);
  return {static_cast<std::int32_t>(day)};
}

}  // namespace orrery
