#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/date.h"

namespace orrery {

/// The sessions of one market, day by day. A value: cheap to copy, immutable, safe to share between threads.
class Calendar {
 public:
  /// What makes a day a session.
  enum class Rule : std::uint8_t {
    kNewYork,   ///< weekdays without the holidays and special closures of the New York Stock Exchange
    kWeekdays,  ///< Monday to Friday
    kEveryDay,  ///< all days, as crypto trades
    kListed,    ///< exactly the days given
  };

  Calendar() = default;
  Calendar(std::string name, Rule rule, double sessions_per_year);

  /// Makes the calendar of exactly these days (ascending). Sessions a year: the usual number (365, 252, 52 or
  /// 12) nearest to what the days show.
  static Calendar of_days(std::string name, std::vector<Date> days);

  const std::string& name() const { return name_; }
  bool is_session(Date day) const;
  /// Whether the session ends at 13:00 local time. False for days that are no session.
  bool is_early_close(Date day) const;

  /// Returns the sessions from `from` to `to`, both inclusive, ascending.
  std::vector<Date> sessions(Date from, Date to) const;
  std::vector<Date> early_closes(Date from, Date to) const;

  /// Returns the first session after, or the last one before, a day.
  /// Errors: kNotFound when a listed calendar has none there.
  Date next_session(Date day) const;
  Date previous_session(Date day) const;

  /// Periods a year for annualising: 252 for XNYS, 260 for weekdays, 365 for every day.
  double sessions_per_year() const { return sessions_per_year_; }

 private:
  std::string name_ = "24/7";
  Rule rule_ = Rule::kEveryDay;
  double sessions_per_year_ = 365.0;
  std::vector<Date> days_;  ///< for kListed
};

/// Returns a calendar by name: "XNYS" (also "NYSE", "XNAS", "NASDAQ", which share its days; rules from 1990
/// on), "24/5", "24/7". Errors: kNotFound with the names there are.
Calendar find_calendar(std::string_view name);

/// Returns the names that find_calendar knows.
std::vector<std::string> calendar_names();

}  // namespace orrery
