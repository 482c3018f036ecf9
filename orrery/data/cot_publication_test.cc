#include "orrery/data/cot_publication.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "orrery/base/error.h"

namespace orrery::cot_publication_test {
namespace {

Date day(const char* text) { return *parse_date(text); }

std::string published(const char* report) { return to_string(cot_publication(day(report))); }

/// The days on which reports of a year's Tuesdays were published.
std::set<Date> publications(const char* first, const char* last) {
  std::set<Date> days;
  for (Date report = day(first); report <= day(last); report = report + 7) {
    days.insert(*parse_date(to_string(cot_publication(report))));
  }
  return days;
}

/// A year's release schedule as the CFTC printed it: the days of each month.
std::set<Date> schedule(int year, const std::vector<std::vector<int>>& months) {
  std::set<Date> days;
  for (std::size_t month = 0; month < months.size(); ++month) {
    for (const int number : months[month]) days.insert(make_date(year, static_cast<int>(month) + 1, number));
  }
  return days;
}

// Source: CFTC, "Release Schedule", tentative schedule of releases through 2012 (Mondays: 9 July, 26
// November).
TEST(CotPublication, IsTheScheduleOf2012) {
  EXPECT_EQ(publications("2012-01-03", "2012-12-25"), schedule(2012, {{6, 13, 20, 27},
                                                                      {3, 10, 17, 24},
                                                                      {2, 9, 16, 23, 30},
                                                                      {6, 13, 20, 27},
                                                                      {4, 11, 18, 25},
                                                                      {1, 8, 15, 22, 29},
                                                                      {9, 13, 20, 27},
                                                                      {3, 10, 17, 24, 31},
                                                                      {7, 14, 21, 28},
                                                                      {5, 12, 19, 26},
                                                                      {2, 9, 16, 26, 30},
                                                                      {7, 14, 21, 28}}));
}

// Source: CFTC, "Release Schedule", tentative schedule of releases through 2024 (cftc.gov/es/node/132401).
TEST(CotPublication, IsTheScheduleOf2024) {
  EXPECT_EQ(publications("2024-01-02", "2024-12-24"), schedule(2024, {{5, 12, 19, 26},
                                                                      {2, 9, 16, 23},
                                                                      {1, 8, 15, 22, 29},
                                                                      {5, 12, 19, 26},
                                                                      {3, 10, 17, 24, 31},
                                                                      {7, 14, 24, 28},
                                                                      {8, 12, 19, 26},
                                                                      {2, 9, 16, 23, 30},
                                                                      {6, 13, 20, 27},
                                                                      {4, 11, 18, 25},
                                                                      {1, 8, 15, 22},
                                                                      {2, 6, 13, 20, 30}}));
}

// Source: CFTC, release of 29 January 2019: 24 December on 1 February, then one on Tuesday and one on Friday
// of each week until they are current.
TEST(CotPublication, CatchesUpAfterTheShutdownOf2018) {
  EXPECT_EQ(published("2018-12-18"), "2018-12-21T20:30:00Z");
  EXPECT_EQ(published("2018-12-24"), "2019-02-01T20:30:00Z");
  EXPECT_EQ(published("2018-12-31"), "2019-02-05T20:30:00Z");
  EXPECT_EQ(published("2019-02-26"), "2019-03-05T20:30:00Z");
  EXPECT_EQ(published("2019-03-05"), "2019-03-08T20:30:00Z");
  EXPECT_EQ(published("2019-03-12"), "2019-03-15T19:30:00Z");
}

// Source: CFTC, "Commitments of Traders Publication Schedule" of 18 November 2025.
TEST(CotPublication, CatchesUpAfterTheShutdownOf2025) {
  EXPECT_EQ(published("2025-09-23"), "2025-09-26T19:30:00Z");
  EXPECT_EQ(published("2025-10-07"), "2025-11-21T20:30:00Z");
  EXPECT_EQ(published("2025-11-10"), "2025-12-12T20:30:00Z");
  EXPECT_EQ(published("2025-12-23"), "2026-01-09T20:30:00Z");
  EXPECT_EQ(published("2026-01-20"), "2026-01-23T20:30:00Z");
}

// Sources: CFTC's announcements of 30 June 2015 and 24 February 2023; Juneteenth became a holiday a day
// before.
TEST(CotPublication, KnowsSingleDelays) {
  EXPECT_EQ(published("2015-06-30"), "2015-07-06T19:30:00Z");
  EXPECT_EQ(published("2021-06-15"), "2021-06-21T19:30:00Z");
  EXPECT_EQ(published("2023-01-31"), "2023-02-24T20:30:00Z");
}

TEST(CotPublication, NeverComesBeforeItsReportAndNeverGoesBack) {
  Timestamp last;
  for (Date report = day("2006-01-03"); report <= day("2026-12-29"); report = report + 7) {
    const Timestamp now = cot_publication(report);
    EXPECT_GE(now, start_of(report + 3)) << to_string(report);
    EXPECT_GE(now, last) << to_string(report);
    last = now;
  }
}

TEST(CotPublication, DaysWithoutAReportAreRefused) {
  for (const char* report : {"2005-12-27", "2024-01-10", "2027-01-05"}) {
    EXPECT_THROW(cot_publication(day(report)), Error) << report;
  }
}

}  // namespace
}  // namespace orrery::cot_publication_test
