#pragma once

#include <cstdint>

namespace orrery {

/// Returns the nanoseconds of an arrow::TimeUnit. A template, so that no Arrow type stands in this header.
template <class TimeUnit>
std::int64_t nanoseconds_per_unit(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::SECOND:
      return 1'000'000'000;
    case TimeUnit::MILLI:
      return 1'000'000;
    case TimeUnit::MICRO:
      return 1'000;
    case TimeUnit::NANO:
      break;
  }
  return 1;
}

}  // namespace orrery
