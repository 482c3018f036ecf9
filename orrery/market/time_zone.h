#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/base/timestamp.h"

namespace orrery {

/// The clocks of a place. A value; immutable.
class TimeZone {
 public:
  /// When clocks go forward and back.
  enum class Summer : std::uint8_t {
    kNone,
    kNorthAmerica,  ///< as in the United States, from 1967 on, without 1974 and 1975
    kEurope,        ///< as in the European Union and Britain, from 1996 on
  };

  TimeZone() = default;  ///< UTC
  TimeZone(std::int64_t offset_seconds, Summer summer) : offset_seconds_(offset_seconds), summer_(summer) {}

  /// Returns the moment at which clocks show a time, `since_midnight` nanoseconds behind a day's 00:00. Of
  /// two such moments the later one, so that nothing is known before its time; a time that clocks leave out
  /// counts as if they had not. Nothing for a day before the rules here begin.
  std::optional<Timestamp> moment_of(Date day, std::int64_t since_midnight) const;

 private:
  std::int64_t offset_seconds_ = 0;  ///< that clocks are ahead of UTC in winter
  Summer summer_ = Summer::kNone;
};

/// Returns a zone by its name: "UTC", an offset such as "+09:00", or a place such as "America/New_York".
/// Errors: kNotFound, with the places that are known.
TimeZone find_time_zone(std::string_view name);

/// The days on which summer time begins and ends.
struct SummerDays {
  Date begin;
  Date end;
};

/// Returns them for New York and the rest of the United States but a few states, from 1967 on, without 1974
/// and 1975. Source: Energy Policy Act of 2005, and the Uniform Time Act as amended in 1986 and 1966.
SummerDays summer_in_north_america(int year);

}  // namespace orrery
