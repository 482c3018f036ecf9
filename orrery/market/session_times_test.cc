#include "orrery/market/session_times.h"

#include <gtest/gtest.h>

namespace orrery::session_times_test {
namespace {

std::string span(const char* calendar, const char* day) {
  const SessionTimes times = session_times(find_calendar(calendar), parse_date(day).value());
  return to_string(Timestamp{times.open}) + " " + to_string(Timestamp{times.close});
}

TEST(SessionTimes, NewYorksHoursAndElsewhereTheWholeDay) {
  EXPECT_EQ(span("XNYS", "2024-01-02"), "2024-01-02T14:30:00Z 2024-01-02T21:00:00Z");
  EXPECT_EQ(span("NASDAQ", "2024-07-02"), "2024-07-02T13:30:00Z 2024-07-02T20:00:00Z") << "summer time";
  EXPECT_EQ(span("XNYS", "2024-07-03"), "2024-07-03T13:30:00Z 2024-07-03T17:00:00Z") << "an early close";
  for (const char* calendar : {"24/5", "24/7"}) {
    EXPECT_EQ(span(calendar, "2024-07-03"), "2024-07-03T00:00:00Z 2024-07-04T00:00:00Z") << calendar;
  }
}

}  // namespace
}  // namespace orrery::session_times_test
