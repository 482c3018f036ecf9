#include "orrery/market/time_zone.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"

namespace orrery {
namespace {

constexpr std::int64_t kHour = 3600;

struct Place {
  std::string_view name;
  int hours;  ///< ahead of UTC in winter
  TimeZone::Summer summer;
};

using enum TimeZone::Summer;

constexpr std::array kPlaces = {
    Place{"UTC", 0, kNone},
    Place{"GMT", 0, kNone},
    Place{"America/New_York", -5, kNorthAmerica},
    Place{"America/Toronto", -5, kNorthAmerica},
    Place{"America/Chicago", -6, kNorthAmerica},
    Place{"America/Denver", -7, kNorthAmerica},
    Place{"America/Los_Angeles", -8, kNorthAmerica},
    Place{"Europe/London", 0, kEurope},
    Place{"Europe/Dublin", 0, kEurope},
    Place{"Europe/Lisbon", 0, kEurope},
    Place{"Europe/Berlin", 1, kEurope},
    Place{"Europe/Paris", 1, kEurope},
    Place{"Europe/Zurich", 1, kEurope},
    Place{"Europe/Amsterdam", 1, kEurope},
    Place{"Europe/Madrid", 1, kEurope},
    Place{"Europe/Rome", 1, kEurope},
    Place{"Europe/Stockholm", 1, kEurope},
    Place{"Europe/Oslo", 1, kEurope},
    Place{"Europe/Copenhagen", 1, kEurope},
    Place{"Europe/Vienna", 1, kEurope},
    Place{"Europe/Helsinki", 2, kEurope},
    Place{"Asia/Tokyo", 9, kNone},
    Place{"Asia/Seoul", 9, kNone},
    Place{"Asia/Shanghai", 8, kNone},
    Place{"Asia/Hong_Kong", 8, kNone},
    Place{"Asia/Singapore", 8, kNone},
    Place{"Asia/Taipei", 8, kNone},
};

/// A span of local time by winter's clocks, in seconds since 1970, during which summer time holds.
struct Span {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

std::int64_t seconds_at(Date day, std::int64_t hour) { return day.days * 24 * kHour + hour * kHour; }

/// Returns the n-th Sunday of a month, n from 1; 0: the last one.
Date sunday_of(int year, int month, int n) {
  const Date first = make_date(year, month, 1);
  if (n == 0) {
    const Date last = add_months(first, 1) - 1;
    return last - (weekday(last) + 1) % 7;
  }
  return first + (6 - weekday(first)) + 7 * (n - 1);
}

/// At 2:00 by each clock.
Span span_in_north_america(int year) {
  const auto days = summer_in_north_america(year);
  return {seconds_at(days.begin, 2), seconds_at(days.end, 1)};
}

/// Directive 2000/84/EC, as applied since 1996: at 1:00 UTC everywhere.
Span summer_in_europe(int year, std::int64_t offset_seconds) {
  return {seconds_at(sunday_of(year, 3, 0), 1) + offset_seconds,
          seconds_at(sunday_of(year, 10, 0), 1) + offset_seconds};
}

int first_year(TimeZone::Summer summer) {
  if (summer == kNone) return 1;
  return summer == kEurope ? 1996 : 1967;
}

/// "+09:00" or "-05:30", in seconds.
std::optional<std::int64_t> parse_offset(std::string_view name) {
  const auto digit = [&](std::size_t i) { return name[i] >= '0' && name[i] <= '9'; };
  if (name.size() != 6 || (name[0] != '+' && name[0] != '-') || name[3] != ':' || !digit(1) || !digit(2) ||
      !digit(4) || !digit(5)) {
    return std::nullopt;
  }
  const int hours = 10 * (name[1] - '0') + (name[2] - '0');
  const int minutes = 10 * (name[4] - '0') + (name[5] - '0');
  if (hours > 23 || minutes > 59) return std::nullopt;
  return (name[0] == '-' ? -1 : 1) * (hours * kHour + minutes * 60);
}

}  // namespace

SummerDays summer_in_north_america(int year) {
  if (year >= 2007) return {sunday_of(year, 3, 2), sunday_of(year, 11, 1)};
  return {year >= 1987 ? sunday_of(year, 4, 1) : sunday_of(year, 4, 0), sunday_of(year, 10, 0)};
}

std::optional<Timestamp> TimeZone::moment_of(Date day, std::int64_t since_midnight) const {
  const int year = year_month_day(day).year;
  if (year < first_year(summer_)) return std::nullopt;
  const std::int64_t shown = day.days * 24 * kHour + since_midnight / kNanosecondsPerSecond;
  std::int64_t ahead = offset_seconds_;
  if (summer_ != kNone) {
    const auto span =
        summer_ == kEurope ? summer_in_europe(year, offset_seconds_) : span_in_north_america(year);
    // Summer's clocks show an hour more. The hour that they leave out, before begin + 1, is winter's; so is
    // the hour that they show twice, from end on.
    if (shown >= span.begin + kHour && shown < span.end) ahead += kHour;
  }
  return Timestamp{(shown - ahead) * kNanosecondsPerSecond + since_midnight % kNanosecondsPerSecond};
}

TimeZone find_time_zone(std::string_view name) {
  for (const auto& place : kPlaces) {
    if (place.name == name) return {place.hours * kHour, place.summer};
  }
  if (const auto offset = parse_offset(name)) return {*offset, kNone};
  std::vector<std::string> names;
  for (const auto& place : kPlaces) names.emplace_back(place.name);
  throw user_error(ErrorCode::kNotFound,
                   fmt::format("no time zone '{}'{}; there are offsets such as +09:00, and {}", name,
                               did_you_mean(name, names), fmt::join(names, ", ")));
}

}  // namespace orrery
