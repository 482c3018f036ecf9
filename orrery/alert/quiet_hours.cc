#include "orrery/alert/quiet_hours.h"

namespace orrery {
namespace {

constexpr std::int64_t kMinute = 60 * kNanosecondsPerSecond;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<std::int64_t> parse_time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  if (!is_digit(text[0]) || !is_digit(text[1]) || !is_digit(text[3]) || !is_digit(text[4]))
    return std::nullopt;
  const std::int64_t hour = (text[0] - '0') * 10 + (text[1] - '0');
  const std::int64_t minute = (text[3] - '0') * 10 + (text[4] - '0');
  if (hour > 23 || minute > 59) return std::nullopt;
  return (hour * 60 + minute) * kMinute;
}

Timestamp after_quiet(const QuietHours& quiet, Timestamp moment) {
  // The day by the zone's clocks is the day by UTC, or one beside it; quiet hours may have begun the day
  // before.
  const Date near = day_of(moment);
  for (int offset = -2; offset <= 1; ++offset) {
    const Date day = near + offset;
    const auto from = quiet.zone.moment_of(day, quiet.from);
    const auto to = quiet.zone.moment_of(quiet.to <= quiet.from ? day + 1 : day, quiet.to);
    if (from && to && *from <= moment && moment < *to) return *to;
  }
  return moment;
}

}  // namespace orrery
