#include "orrery/base/timestamp.h"

#include <fmt/format.h>

#include <cmath>

namespace orrery {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

/// Takes two digits from the front, up to `most`; nothing when they are not there.
std::optional<int> take_two_digits(std::string_view& text, int most) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() < 2 || !digit(0) || !digit(1)) return std::nullopt;
  const int value = 10 * (text[0] - '0') + (text[1] - '0');
  if (value > most) return std::nullopt;
  text.remove_prefix(2);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

/// Takes `.` and one to nine decimals of a second, if they are there, as nanoseconds.
std::optional<std::int64_t> take_fraction(std::string_view& text) {
  if (!take(text, '.')) return 0;
  std::int64_t value = 0;
  std::int64_t unit = kSecond;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (unit == 1) return std::nullopt;
    unit /= 10;
    value += (text.front() - '0') * unit;
    text.remove_prefix(1);
  }
  if (unit == kSecond) return std::nullopt;
  return value;
}

/// Takes what is left of a text, the zone: nanoseconds that local time is ahead of UTC.
std::optional<std::int64_t> zone_offset(std::string_view text) {
  if (text.empty() || text == "Z") return 0;
  const bool behind = text.front() == '-';
  if (!behind && text.front() != '+') return std::nullopt;
  text.remove_prefix(1);
  const auto hours = take_two_digits(text, 23);
  if (!hours || !take(text, ':')) return std::nullopt;
  const auto minutes = take_two_digits(text, 59);
  if (!minutes || !text.empty()) return std::nullopt;
  return (behind ? -1 : 1) * (*hours * 60 + *minutes) * 60 * kSecond;
}

/// Reads what stands behind a date, its time and zone, as nanoseconds from the date's first moment.
std::optional<std::int64_t> parse_clock(std::string_view text) {
  const auto hour = take_two_digits(text, 23);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_two_digits(text, 59);
  if (!minute) return std::nullopt;
  std::int64_t nanoseconds = (*hour * 60 + *minute) * 60 * kSecond;
  if (take(text, ':')) {
    const auto second = take_two_digits(text, 59);
    const auto fraction = second ? take_fraction(text) : std::nullopt;
    if (!fraction) return std::nullopt;
    nanoseconds += *second * kSecond + *fraction;
  }
  const auto offset = zone_offset(text);
  if (!offset) return std::nullopt;
  return nanoseconds - *offset;
}

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  constexpr std::size_t kDateLength = 10;
  const auto day = parse_date(text.substr(0, kDateLength));
  if (!day) return std::nullopt;
  if (text.size() == kDateLength) return start_of(*day);
  if (text[kDateLength] != 'T' && text[kDateLength] != ' ') return std::nullopt;
  const auto clock = parse_clock(text.substr(kDateLength + 1));
  if (!clock) return std::nullopt;
  return Timestamp{start_of(*day).nanoseconds + *clock};
}

Timestamp start_of(Date day) { return {day.days * kDay}; }

Date day_of(Timestamp moment) {
  const std::int64_t days = moment.nanoseconds / kDay - (moment.nanoseconds % kDay < 0 ? 1 : 0);
  return {static_cast<std::int32_t>(days)};
}

Timestamp later(Timestamp moment, double seconds) {
  return {moment.nanoseconds + std::llround(seconds * static_cast<double>(kSecond))};
}

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
