#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "orrery/base/date.h"
#include "orrery/base/timestamp.h"
#include "orrery/market/time_zone.h"

namespace orrery {

/// A time as a text tells it: a day and the nanoseconds behind its 00:00.
struct ToldTime {
  Date day;
  std::int64_t since_midnight = 0;
  bool is_utc = false;  ///< the text tells the offset, which is taken off; else a clock of some place

  /// The moment, by the clocks of a zone where the text tells none; nothing before the zone's rules begin.
  std::optional<Timestamp> moment(const TimeZone& zone) const;
};

/// Reads a time in a form. `format` is in the letters of Python's strptime: %Y %y %m %d %b %B %H %I %M %S %f
/// %p %z %a %A %%, names in English and any case, one digit where two are meant; a space stands for one or
/// more. Or "seconds", "milliseconds", "microseconds", "nanoseconds": so many since 1970, UTC. Or "": a date
/// as price files have it (YYYY-MM-DD, YYYYMMDD, YYYY/MM/DD), the first also with a time behind it
/// (parse_timestamp); sixteen digits and more are nanoseconds. Nothing for a text of another form, or no such
/// day.
std::optional<ToldTime> read_time(std::string_view text, std::string_view format);

/// Returns what is wrong with a format, "" for a good one.
std::string check_time_format(std::string_view format);

}  // namespace orrery
