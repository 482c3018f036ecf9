#include "orrery/market/calendar.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"

namespace orrery {
namespace {

constexpr int kMonday = 0;
constexpr int kTuesday = 1;
constexpr int kWednesday = 2;
constexpr int kThursday = 3;
constexpr int kFriday = 4;
constexpr int kSaturday = 5;

/// A fixed list of days, ascending, so that it can be searched.
bool contains(const auto& days, const YearMonthDay& day) {
  const int key = day.year * 10000 + day.month * 100 + day.day;
  return std::binary_search(days.begin(), days.end(), key);
}

/// Days on which the New York Stock Exchange stayed shut for a cause of its own: the funerals of Presidents
/// Nixon, Reagan, Ford, Bush and Carter, the attacks of 2001, the hurricane Sandy. Source: NYSE, "Special
/// closings", and the holidays of LEAN's market-hours database.
constexpr std::array kSpecialClosures = {19940427, 20010911, 20010912, 20010913, 20010914, 20040611,
                                         20070102, 20121029, 20121030, 20181205, 20250109};

/// Early closes at 13:00 outside the yearly rules. Source: exchange_calendars, exchange_calendar_xnys.py;
/// 2003 also in LEAN's market-hours database.
constexpr std::array kSpecialEarlyCloses = {19971226, 19991231, 20031226};

/// Computes Easter Sunday (Meeus, "Astronomical Algorithms", chapter 8: the Gregorian Easter).
Date easter_sunday(int year) {
  const int a = year % 19;
  const int b = year / 100;
  const int c = year % 100;
  const int d = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
  const int e = (32 + 2 * (b % 4) + 2 * (c / 4) - d - c % 4) % 7;
  const int f = d + e - 7 * ((a + 11 * d + 22 * e) / 451) + 114;
  return make_date(year, f / 31, f % 31 + 1);
}

/// Whether `day` is the n-th (from 1) of its weekday in its month.
bool is_nth(const YearMonthDay& day, int n) { return (day.day - 1) / 7 == n - 1; }

bool is_good_friday(Date date, const YearMonthDay& day) {
  return (day.month == 3 || day.month == 4) && easter_sunday(day.year) - date == 2;
}

bool is_monday_holiday(const YearMonthDay& day) {
  switch (day.month) {
    case 1:
      return day.year >= 1998 && is_nth(day, 3);  // Martin Luther King
    case 2:
      return is_nth(day, 3);  // Washington
    case 5:
      return day.day > 24;  // Memorial Day: the last Monday
    case 9:
      return is_nth(day, 1);  // Labor Day
    default:
      return false;
  }
}

bool has_fixed_holiday(const YearMonthDay& day) {
  return (day.month == 6 && day.day == 19 && day.year >= 2022) || (day.month == 7 && day.day == 4) ||
         (day.month == 12 && day.day == 25);
}

/// A fixed holiday on a Saturday is kept on the Friday before, one on a Sunday on the Monday after. New
/// Year's Day on a Saturday is not kept, since the Friday before ends the old year (NYSE Rule 7.2).
bool is_fixed_holiday(Date date, const YearMonthDay& day, int day_of_week) {
  const bool new_year = day.month == 1 && (day.day == 1 || (day.day == 2 && day_of_week == kMonday));
  if (new_year || has_fixed_holiday(day)) return true;
  if (day_of_week == kFriday) return has_fixed_holiday(year_month_day(date + 1));
  return day_of_week == kMonday && has_fixed_holiday(year_month_day(date - 1));
}

bool is_new_york_session(Date date) {
  const int day_of_week = weekday(date);
  if (day_of_week >= kSaturday) return false;
  const auto day = year_month_day(date);
  if (day_of_week == kMonday && is_monday_holiday(day)) return false;
  if (day_of_week == kThursday && day.month == 11 && is_nth(day, 4)) return false;  // Thanksgiving
  if (day_of_week == kFriday && is_good_friday(date, day)) return false;
  return !is_fixed_holiday(date, day, day_of_week) && !contains(kSpecialClosures, day);
}

/// The day before Independence Day (Wednesdays only since 2013) or, until 2012, the Friday after a Thursday
/// one.
bool is_early_near_independence_day(const YearMonthDay& day, int day_of_week) {
  if (day.month != 7 || day.year < 1995) return false;
  if (day.day == 5) return day_of_week == kFriday && day.year < 2013;
  if (day.day != 3) return false;
  return day_of_week == kMonday || day_of_week == kTuesday || day_of_week == kThursday ||
         (day_of_week == kWednesday && day.year >= 2013);
}

bool is_new_york_early_close(Date date) {
  const auto day = year_month_day(date);
  const int day_of_week = weekday(date);
  if (day.year < 1993 || !is_new_york_session(date)) return false;
  const bool after_thanksgiving =
      day.month == 11 && day_of_week == kFriday && is_nth(year_month_day(date - 1), 4);
  const bool christmas_eve = day.month == 12 && day.day == 24;
  return after_thanksgiving || christmas_eve || is_early_near_independence_day(day, day_of_week) ||
         contains(kSpecialEarlyCloses, day);
}

/// Returns the customary number of periods a year nearest to what a list of days shows.
double customary_periods(const std::vector<Date>& days) {
  if (days.size() < 2) return 252.0;
  const double years = (days.back() - days.front()) / 365.25;
  const double found = static_cast<double>(days.size() - 1) / years;
  constexpr std::array kCustomary = {12.0, 52.0, 252.0, 365.0};
  const auto distance = [found](double periods) { return std::abs(std::log(found / periods)); };
  return *std::min_element(kCustomary.begin(), kCustomary.end(),
                           [&](double a, double b) { return distance(a) < distance(b); });
}

/// No calendar closes for longer; a listed one is searched instead.
constexpr int kLongestClosureDays = 30;

}  // namespace

Calendar::Calendar(std::string name, Rule rule, double sessions_per_year)
    : name_(std::move(name)), rule_(rule), sessions_per_year_(sessions_per_year) {}

Calendar Calendar::of_days(std::string name, std::vector<Date> days) {
  Calendar calendar(std::move(name), Rule::kListed, customary_periods(days));
  calendar.days_ = std::move(days);
  return calendar;
}

bool Calendar::is_session(Date day) const {
  switch (rule_) {
    case Rule::kNewYork:
      return is_new_york_session(day);
    case Rule::kWeekdays:
      return weekday(day) < kSaturday;
    case Rule::kListed:
      return std::binary_search(days_.begin(), days_.end(), day);
    case Rule::kEveryDay:
      break;
  }
  return true;
}

bool Calendar::is_early_close(Date day) const {
  return rule_ == Rule::kNewYork && is_new_york_early_close(day);
}

std::vector<Date> Calendar::sessions(Date from, Date to) const {
  if (rule_ == Rule::kListed) {
    if (to < from) return {};
    return {std::lower_bound(days_.begin(), days_.end(), from),
            std::upper_bound(days_.begin(), days_.end(), to)};
  }
  std::vector<Date> result;
  for (Date day = from; day <= to; day = day + 1) {
    if (is_session(day)) result.push_back(day);
  }
  return result;
}

std::vector<Date> Calendar::early_closes(Date from, Date to) const {
  auto result = sessions(from, to);
  result.erase(
      std::remove_if(result.begin(), result.end(), [this](Date day) { return !is_early_close(day); }),
      result.end());
  return result;
}

Date Calendar::next_session(Date day) const {
  if (rule_ == Rule::kListed) {
    const auto found = std::upper_bound(days_.begin(), days_.end(), day);
    if (found != days_.end()) return *found;
  } else {
    for (int step = 1; step <= kLongestClosureDays; ++step) {
      if (is_session(day + step)) return day + step;
    }
  }
  throw user_error(ErrorCode::kNotFound,
                   fmt::format("calendar '{}' has no session after {}", name_, to_string(day)));
}

Date Calendar::previous_session(Date day) const {
  if (rule_ == Rule::kListed) {
    const auto found = std::lower_bound(days_.begin(), days_.end(), day);
    if (found != days_.begin()) return *(found - 1);
  } else {
    for (int step = 1; step <= kLongestClosureDays; ++step) {
      if (is_session(day - step)) return day - step;
    }
  }
  throw user_error(ErrorCode::kNotFound,
                   fmt::format("calendar '{}' has no session before {}", name_, to_string(day)));
}

Calendar find_calendar(std::string_view name) {
  if (name == "XNYS" || name == "NYSE" || name == "XNAS" || name == "NASDAQ") {
    return {"XNYS", Calendar::Rule::kNewYork, 252.0};
  }
  if (name == "24/5") return {"24/5", Calendar::Rule::kWeekdays, 260.0};
  if (name == "24/7") return {"24/7", Calendar::Rule::kEveryDay, 365.0};
  throw user_error(ErrorCode::kNotFound,
                   fmt::format("no calendar is named '{}'{}; there are: {}", name,
                               did_you_mean(name, calendar_names()), fmt::join(calendar_names(), ", ")));
}

std::vector<std::string> calendar_names() { return {"24/5", "24/7", "NASDAQ", "NYSE", "XNAS", "XNYS"}; }

}  // namespace orrery
