#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "orrery/base/date.h"

namespace orrery {

/// A moment: nanoseconds since 1970-01-01T00:00:00 UTC, leap seconds not counted.
struct Timestamp {
  std::int64_t nanoseconds = 0;

  auto operator<=>(const Timestamp&) const = default;
};

inline constexpr std::int64_t kNanosecondsPerMicrosecond = 1'000;
inline constexpr std::int64_t kNanosecondsPerMillisecond = 1'000'000;
inline constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
inline constexpr std::int64_t kNanosecondsPerDay = 86'400'000'000'000;

/// Returns the first moment of a day, UTC.
Timestamp start_of(Date day);

/// Returns the day that a moment belongs to, UTC.
Date day_of(Timestamp moment);

/// Returns the moment so many seconds later, to the nearest nanosecond; earlier where they are negative.
Timestamp later(Timestamp moment, double seconds);

/// Reads `YYYY-MM-DD`, or the same with a time behind a `T` or a space: `HH:MM`, `HH:MM:SS`, up to nine
/// decimals, then nothing or `Z` for UTC, or an offset such as `-05:00`. Nothing else is a moment.
std::optional<Timestamp> parse_timestamp(std::string_view text);

/// Returns the moment as "2024-01-02T15:30:00.000000001Z", without a fraction where there is none.
std::string to_string(Timestamp moment);

}  // namespace orrery
