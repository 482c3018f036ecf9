#include "orrery/market/time_zone.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "orrery/base/error.h"
#include "testing/run_python.h"
#include "testing/temporary_folder.h"

namespace orrery::time_zone_test {
namespace {

constexpr std::int64_t kMinute = 60'000'000'000;

std::string moment(const char* zone, const char* day, int hour, int minute) {
  const auto found = find_time_zone(zone).moment_of(*parse_date(day), (hour * 60 + minute) * kMinute);
  return found ? to_string(*found) : "none";
}

TEST(TimeZone, ClocksOfPlaces) {
  EXPECT_EQ(moment("America/New_York", "2024-01-02", 9, 30), "2024-01-02T14:30:00Z");
  EXPECT_EQ(moment("America/New_York", "2024-07-02", 9, 30), "2024-07-02T13:30:00Z");
  EXPECT_EQ(moment("Europe/London", "2024-07-02", 8, 0), "2024-07-02T07:00:00Z");
  EXPECT_EQ(moment("Asia/Tokyo", "2024-07-02", 9, 0), "2024-07-02T00:00:00Z");
  EXPECT_EQ(moment("-05:30", "2024-07-02", 0, 0), "2024-07-02T05:30:00Z");
}

// In 2024 New York's clocks went forward on March 10 and back on November 3.
TEST(TimeZone, AnHourShownTwiceIsTheLaterOneAndOneLeftOutIsWinters) {
  EXPECT_EQ(moment("America/New_York", "2024-11-03", 0, 59), "2024-11-03T04:59:00Z");
  EXPECT_EQ(moment("America/New_York", "2024-11-03", 1, 30), "2024-11-03T06:30:00Z");
  EXPECT_EQ(moment("America/New_York", "2024-03-10", 2, 30), "2024-03-10T07:30:00Z");
  EXPECT_EQ(moment("America/New_York", "2024-03-10", 3, 0), "2024-03-10T07:00:00Z");
}

TEST(TimeZone, DaysBeforeTheRulesBeginHaveNoMoments) {
  EXPECT_EQ(moment("Europe/Paris", "1995-12-31", 12, 0), "none");
  EXPECT_EQ(moment("UTC", "1950-01-01", 0, 0), "1950-01-01T00:00:00Z");
}

TEST(TimeZone, AnUnknownNameGetsTheNearest) {
  try {
    find_time_zone("America/NewYork");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'America/New_York'"), std::string::npos);
  }
}

// Oracle: Python's zoneinfo with the tz database, every half hour of the change days and of a day a month
// from 1996 to 2030; `fold=1` is the later of two moments.
TEST(TimeZone, AgreesWithTheTzDatabase) {
  const testing::TemporaryFolder folder;
  ASSERT_EQ(testing::run_python(folder.path(), R"(
import datetime, zoneinfo
with open('moments.txt', 'w') as file:
    for name in ('America/New_York', 'America/Chicago', 'Europe/London', 'Europe/Berlin', 'Europe/Helsinki', 'Asia/Tokyo', 'Asia/Hong_Kong'):
        zone = zoneinfo.ZoneInfo(name)
        day = datetime.date(1996, 1, 1)
        while day.year < 2031:
            if day.day == 15 or (day.weekday() == 6 and day.month in (3, 4, 10, 11)):
                for half in range(48):
                    local = datetime.datetime(day.year, day.month, day.day, half // 2, half % 2 * 30, tzinfo=zone, fold=1)
                    back = local.astimezone(datetime.timezone.utc).astimezone(zone)
                    if back.replace(tzinfo=None) == local.replace(tzinfo=None):
                        print(name, day, half * 30, int(local.timestamp()), file=file)
            day += datetime.timedelta(1)
)"),
            0);
  const auto text = read_file(folder.path() / "moments.txt");
  std::size_t compared = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    char name[32], day[16];
    int minutes = 0;
    long long seconds = 0;
    ASSERT_EQ(
        std::sscanf(text.substr(at, end - at).c_str(), "%31s %15s %d %lld", name, day, &minutes, &seconds),
        4);
    const auto found = find_time_zone(name).moment_of(*parse_date(day), minutes * kMinute);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->nanoseconds / 1'000'000'000, seconds) << name << ' ' << day << ' ' << minutes;
    ++compared;
    at = end + 1;
  }
  EXPECT_GT(compared, 100'000u);
}

}  // namespace
}  // namespace orrery::time_zone_test
