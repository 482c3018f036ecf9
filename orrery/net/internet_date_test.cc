#include "orrery/net/internet_date.h"

#include <gtest/gtest.h>

namespace orrery::internet_date_test {
namespace {

std::string read(const char* text) {
  const auto moment = parse_internet_date(text);
  return moment ? to_string(*moment) : "none";
}

/// As Python's email.utils.parsedate_to_datetime reads them.
TEST(InternetDate, ReadsWhatMailHttpAndFeedsWrite) {
  EXPECT_EQ(read("Tue, 03 Jun 2003 09:39:21 GMT"), "2003-06-03T09:39:21Z");
  EXPECT_EQ(read("Wed, 03 Jul 2024 07:30:00 -0400"), "2024-07-03T11:30:00Z");
  EXPECT_EQ(read("Wed, 03 Jul 2024 07:30:00 EDT"), "2024-07-03T11:30:00Z");
  EXPECT_EQ(read("3 Jul 2024 07:30 +0530"), "2024-07-03T02:00:00Z");
  EXPECT_EQ(read("2003-12-13T08:29:29.25-04:00"), "2003-12-13T12:29:29.250000000Z");
}

TEST(InternetDate, RefusesWhatIsNone) {
  for (const char* text : {"", "12", "July", "half past nine", "Wed, 33 Jul 2024 07:30:00 GMT", "25:61"}) {
    EXPECT_EQ(read(text), "none") << text;
  }
}

}  // namespace
}  // namespace orrery::internet_date_test
