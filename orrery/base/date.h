#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace orrery {

/// A calendar day, counted from 1970-01-01 (which is day 0). Proleptic Gregorian.
struct Date {
  std::int32_t days = 0;

  auto operator<=>(const Date&) const = default;
  Date operator+(int n) const { return {days + n}; }
  Date operator-(int n) const { return {days - n}; }
  int operator-(Date other) const { return days - other.days; }
};

struct YearMonthDay {
  int year = 1970;
  int month = 1;  ///< 1 to 12
  int day = 1;    ///< 1 to 31
};

/// Makes a date. Errors: kInvalidArgument when there is no such day.
Date make_date(int year, int month, int day);
YearMonthDay year_month_day(Date date);

/// Returns 0 for Monday to 6 for Sunday.
int weekday(Date date);

/// Adds calendar months; a day past the month's end becomes its last day.
Date add_months(Date date, int months);

/// Reads `YYYY-MM-DD`, also with a time part after it (`2015-01-12T00:00:00`, ignored). Nothing else is a
/// date.
std::optional<Date> parse_date(std::string_view text);

/// Writes `YYYY-MM-DD`.
std::string to_string(Date date);

}  // namespace orrery
