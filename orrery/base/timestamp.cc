#include "orrery/base/timestamp.h"

#include <fmt/format.h>

namespace orrery {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

}  // namespace

Timestamp start_of(Date day) { return {day.days * kDay}; }

std::string to_string(Timestamp moment) {
  const std::int64_t within = (moment.nanoseconds % kDay + kDay) % kDay;
  const Date day{static_cast<std::int32_t>((moment.nanoseconds - within) / kDay)};
  const std::int64_t seconds = within / kSecond;
  const std::int64_t fraction = within % kSecond;
  const auto clock =
      fmt::format("{}T{:02}:{:02}:{:02}", to_string(day), seconds / 3600, seconds / 60 % 60, seconds % 60);
  return fraction == 0 ? clock + "Z" : fmt::format("{}.{:09}Z", clock, fraction);
}

}  // namespace orrery
