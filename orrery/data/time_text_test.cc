#include "orrery/data/time_text.h"

#include <gtest/gtest.h>

namespace orrery::time_text_test {
namespace {

struct Case {
  const char* text;
  const char* format;
  const char* expected;  ///< by the clocks of New York; "none"
};

// The moments are those of Python's datetime.strptime(text, format), with zoneinfo's America/New_York where
// the text tells no offset.
TEST(TimeText, ReadsWhatAFormatSays) {
  const auto new_york = find_time_zone("America/New_York");
  for (const auto& [text, format, expected] : std::vector<Case>{
           {"07/02/2024", "%m/%d/%Y", "2024-07-02T04:00:00Z"},
           {"2.7.24 9:05", "%d.%m.%y %H:%M", "2024-07-02T13:05:00Z"},
           {"31-DEC-99", "%d-%b-%y", "1999-12-31T05:00:00Z"},
           {"Tuesday July  2, 2024 12:00:30 AM", "%A %B %d, %Y %I:%M:%S %p", "2024-07-02T04:00:30Z"},
           {"20240702 133000.25", "%Y%m%d %H%M%S.%f", "2024-07-02T17:30:00.250000000Z"},
           {"2024-07-02T23:30:00-0400", "%Y-%m-%dT%H:%M:%S%z", "2024-07-03T03:30:00Z"},
           {"2024-07-02T01:00:00+09:00", "%Y-%m-%dT%H:%M:%S%z", "2024-07-01T16:00:00Z"},
           {"100%", "%d%Y", "none"},
           {"02/30/2024", "%m/%d/%Y", "none"},
           {"07/02/2024 ", "%m/%d/%Y", "2024-07-02T04:00:00Z"},
           {"07/02/2024x", "%m/%d/%Y", "none"},
           {"13:00 PM 2024-07-02", "%I:%M %p %Y-%m-%d", "none"},
           {"1719925200", "seconds", "2024-07-02T13:00:00Z"},
           {"1719925200.5", "seconds", "2024-07-02T13:00:00.500000000Z"},
           {"1719925200123", "milliseconds", "2024-07-02T13:00:00.123000000Z"},
           {"99999999999999999999", "seconds", "none"},
           {"2024-07-02", "", "2024-07-02T04:00:00Z"},
           {"20240702", "", "2024-07-02T04:00:00Z"},
           {"2024-07-02 09:30:00", "", "2024-07-02T13:30:00Z"},
           {"2024-07-02T09:30:00Z", "", "2024-07-02T09:30:00Z"},
           {"2024-07-02T09:30:00.5+02:00", "", "2024-07-02T07:30:00.500000000Z"},
           {"1719925200000000000", "", "2024-07-02T13:00:00Z"},
           {"07/02/2024", "", "none"},
           {"", "", "none"},
       }) {
    const auto told = read_time(text, format);
    const auto moment = told ? told->moment(new_york) : std::nullopt;
    EXPECT_EQ(moment ? to_string(*moment) : "none", expected) << text << " by " << format;
  }
}

TEST(TimeText, SaysWhatIsWrongWithAFormat) {
  EXPECT_EQ(check_time_format("%d.%m.%Y %H:%M"), "");
  EXPECT_EQ(check_time_format("milliseconds"), "");
  EXPECT_NE(check_time_format("%d.%q").find("'%q'"), std::string::npos);
  EXPECT_NE(check_time_format("%Y%").find("'%'"), std::string::npos);
  EXPECT_NE(check_time_format("dd/mm/yyyy").find("dd/mm/yyyy"), std::string::npos);
}

}  // namespace
}  // namespace orrery::time_text_test
