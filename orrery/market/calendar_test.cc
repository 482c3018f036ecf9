#include "orrery/market/calendar.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "orrery/base/error.h"
#include "testing/shared_data.h"

namespace orrery::calendar_test {
namespace {

TEST(Calendar, NewYorkClosesOnItsHolidays) {
  const auto calendar = find_calendar("XNYS");
  const auto closed = [&](int year, int month, int day) {
    return !calendar.is_session(make_date(year, month, day));
  };
  EXPECT_TRUE(closed(2018, 1, 1));
  EXPECT_TRUE(closed(2018, 3, 30)) << "Good Friday";
  EXPECT_TRUE(closed(2018, 12, 5)) << "funeral of G. H. W. Bush";
  EXPECT_TRUE(closed(2023, 1, 2)) << "New Year's Day on a Sunday is kept on Monday";
  EXPECT_FALSE(closed(2021, 12, 31)) << "New Year's Day on a Saturday is not kept";
  EXPECT_FALSE(closed(2021, 6, 18)) << "Juneteenth is kept from 2022 on";
  EXPECT_TRUE(closed(2022, 6, 20));
  EXPECT_FALSE(closed(1997, 1, 20)) << "Martin Luther King's day is kept from 1998 on";
  EXPECT_TRUE(closed(1998, 1, 19));
  EXPECT_TRUE(closed(2025, 1, 9)) << "funeral of J. Carter";
  EXPECT_TRUE(closed(2012, 10, 29)) << "Sandy";
}

// 252 sessions in 2015, 2016, 2019, 251 in 2017 and 2018, 253 in 2020: NYSE's own yearly calendars.
TEST(Calendar, CountsSessionsOfAYear) {
  const auto calendar = find_calendar("NYSE");
  const std::vector<std::size_t> expected = {252, 252, 251, 251, 252, 253};
  for (int i = 0; i < 6; ++i) {
    const auto sessions = calendar.sessions(make_date(2015 + i, 1, 1), make_date(2015 + i, 12, 31));
    EXPECT_EQ(sessions.size(), expected[static_cast<std::size_t>(i)]) << 2015 + i;
  }
  EXPECT_EQ(calendar.sessions_per_year(), 252.0);
}

TEST(Calendar, NextAndPreviousSkipClosures) {
  const auto calendar = find_calendar("XNYS");
  EXPECT_EQ(calendar.next_session(make_date(2001, 9, 10)), make_date(2001, 9, 17));
  EXPECT_EQ(calendar.previous_session(make_date(2001, 9, 17)), make_date(2001, 9, 10));
  EXPECT_EQ(find_calendar("24/7").next_session(make_date(2020, 2, 28)), make_date(2020, 2, 29));
  EXPECT_EQ(find_calendar("24/5").next_session(make_date(2026, 7, 3)), make_date(2026, 7, 6));
}

TEST(Calendar, ListedDaysAreTheOnlySessions) {
  const auto calendar =
      Calendar::of_days("file", {make_date(2020, 1, 2), make_date(2020, 1, 3), make_date(2020, 1, 8)});
  EXPECT_FALSE(calendar.is_session(make_date(2020, 1, 6)));
  EXPECT_EQ(calendar.next_session(make_date(2020, 1, 3)), make_date(2020, 1, 8));
  EXPECT_EQ(calendar.sessions(make_date(2020, 1, 3), make_date(2020, 1, 7)).size(), 1u);
  EXPECT_TRUE(calendar.sessions(make_date(2020, 1, 7), make_date(2020, 1, 3)).empty());
  EXPECT_THROW(calendar.next_session(make_date(2020, 1, 8)), Error);
}

TEST(Calendar, ListedDaysShowTheirPeriodsPerYear) {
  const auto days = [](const Calendar& source) {
    return Calendar::of_days("file", source.sessions(make_date(2020, 1, 1), make_date(2020, 12, 31)));
  };
  EXPECT_EQ(days(find_calendar("XNYS")).sessions_per_year(), 252.0);
  EXPECT_EQ(days(find_calendar("24/7")).sessions_per_year(), 365.0);
}

TEST(Calendar, UnknownNameSaysWhatThereIs) {
  try {
    find_calendar("XNYC");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_NE(std::string(error.what()).find("did you mean 'XNYS'"), std::string::npos) << error.what();
  }
}

/// Reads LEAN's `m/d/yyyy`.
Date lean_date(const std::string& text) {
  int month = 0;
  int day = 0;
  int year = 0;
  char slash = 0;
  std::istringstream(text) >> month >> slash >> day >> slash >> year;
  return make_date(year, month, day);
}

nlohmann::json lean_us_equity(const std::filesystem::path& path) {
  return nlohmann::json::parse(std::ifstream(path)).at("entries").at("Equity-usa-[*]");
}

// Oracle: QuantConnect LEAN's market-hours database, entry Equity-usa, 1998 to 2028.
TEST(Calendar, HolidaysAgreeWithLean) {
  ORRERY_SHARED_OR_SKIP(path, "data/lean_calendar/market-hours/market-hours-database.json");
  std::set<Date> holidays;
  const auto lean = lean_us_equity(path);
  for (const auto& text : lean.at("holidays")) holidays.insert(lean_date(text));
  const auto calendar = find_calendar("XNYS");
  for (Date day = make_date(1998, 1, 1); day <= make_date(2028, 12, 31); day = day + 1) {
    const bool expected = weekday(day) < 5 && !holidays.contains(day);
    EXPECT_EQ(calendar.is_session(day), expected) << to_string(day);
  }
}

// Oracle: the same; its list starts in November 1999.
TEST(Calendar, EarlyClosesAgreeWithLean) {
  ORRERY_SHARED_OR_SKIP(path, "data/lean_calendar/market-hours/market-hours-database.json");
  std::set<Date> early;
  const auto lean = lean_us_equity(path);
  for (const auto& [text, time] : lean.at("earlyCloses").items()) early.insert(lean_date(text));
  const auto calendar = find_calendar("XNYS");
  for (Date day = make_date(2000, 1, 1); day <= make_date(2026, 12, 31); day = day + 1) {
    if (!calendar.is_session(day)) continue;
    EXPECT_EQ(calendar.is_early_close(day), early.contains(day)) << to_string(day);
  }
}

}  // namespace
}  // namespace orrery::calendar_test
