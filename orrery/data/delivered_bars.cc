#include "orrery/data/delivered_bars.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace orrery {
namespace {

const std::vector<Date>& dates_of(const Table& table) {
  return std::get<std::vector<Date>>(table.column("date").values);
}

std::set<Date> days_with_actions(const Table* actions) {
  if (actions == nullptr) return {};
  const auto& days = dates_of(*actions);
  return {days.begin(), days.end()};
}

/// The newest session that a source can be expected to have: over by yesterday.
std::optional<Date> newest_session(const BarExpectation& expected) {
  const Date yesterday{static_cast<std::int32_t>(expected.now.nanoseconds / kNanosecondsPerDay - 1)};
  const Date last = expected.end ? std::min(*expected.end, yesterday) : yesterday;
  const auto sessions = expected.calendar->sessions(last - 14, last);
  if (sessions.empty()) return std::nullopt;
  return sessions.back();
}

/// Whether there is a session among the days asked for that is over; of a span without an end or a calendar
/// nobody can say that there is none.
bool expects_bars(const BarExpectation& expected) {
  if (!expected.calendar || !expected.begin) return true;
  const auto newest = newest_session(expected);
  return newest && *newest >= *expected.begin;
}

std::optional<std::string> doubt_coverage(const std::vector<Date>& days, const BarExpectation& expected) {
  const auto newest = newest_session(expected);
  if (newest && days.back() < *newest && (!expected.begin || *newest >= *expected.begin)) {
    return fmt::format("stale: the last bar is of {}, a bar of {} expected", to_string(days.back()),
                       to_string(*newest));
  }
  for (std::size_t i = 1; i < days.size(); ++i) {
    if (days[i] - days[i - 1] <= 1) continue;
    const auto missing = expected.calendar->sessions(days[i - 1] + 1, days[i] - 1).size();
    if (missing > static_cast<std::size_t>(expected.gap_sessions)) {
      return fmt::format("gap: {} sessions missing between {} and {}", missing, to_string(days[i - 1]),
                         to_string(days[i]));
    }
  }
  return std::nullopt;
}

std::optional<std::string> doubt_values(const Table& prices, const Table* actions,
                                        const BarExpectation& expected) {
  const auto& days = dates_of(prices);
  const auto& closes = std::get<std::vector<double>>(prices.column("close").values);
  const auto explained = days_with_actions(actions);
  for (std::size_t i = 1; i < closes.size(); ++i) {
    const double ratio = closes[i] / closes[i - 1];
    if ((ratio > expected.jump || ratio < 1.0 / expected.jump) && explained.count(days[i]) == 0) {
      return fmt::format("implausible: close {} on {} after {} on {}", closes[i], to_string(days[i]),
                         closes[i - 1], to_string(days[i - 1]));
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> doubt_bars(const Table& prices, const Table* actions,
                                      const BarExpectation& expected) {
  if (prices.rows() == 0)
    return expects_bars(expected) ? std::optional<std::string>("no bars") : std::nullopt;
  if (expected.calendar) {
    if (auto doubt = doubt_coverage(dates_of(prices), expected)) return doubt;
  }
  return doubt_values(prices, actions, expected);
}

}  // namespace orrery
