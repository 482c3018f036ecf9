#include "orrery/data/lake/fetch_coverage.h"

#include <gtest/gtest.h>

#include "orrery/data/lake/as_of.h"
#include "testing/temporary_folder.h"

namespace orrery::fetch_coverage_test {
namespace {

Date day(const char* text) { return *parse_date(text); }

FetchNote note(const char* begin, const char* end, const std::string& table = "bars_1d") {
  FetchNote made{table, "AAA", "yahoo", {}, day(end), 1, start_of(day("2024-08-01"))};
  if (*begin != '\0') made.begin = day(begin);
  return made;
}

class Coverage : public ::testing::Test {
 protected:
  /// Returns where the next fetch begins; "" for everything.
  std::string begins(const char* wanted = "", const std::string& table = "bars_1d") {
    const FetchCoverage coverage(lake_, table, {"AAA", "BBB"});
    const auto first = coverage.first_day("AAA", *wanted == '\0' ? std::nullopt : parse_date(wanted));
    return first ? to_string(*first) : "";
  }

  testing::TemporaryFolder folder_;
  Lake lake_{folder_.path()};
};

TEST_F(Coverage, AnEmptyLakeIsAskedForWhatIsWanted) {
  EXPECT_EQ(begins(), "");
  EXPECT_EQ(begins("2020-01-01"), "2020-01-01");
}

TEST_F(Coverage, GoesOnWhereTheLastFetchEndedLessTheOverlap) {
  note_fetches(lake_, {note("2020-01-01", "2024-07-10")});
  EXPECT_EQ(begins(), "2024-07-04");
  EXPECT_EQ(begins("2020-01-01"), "2024-07-04");
  EXPECT_EQ(begins("2024-07-08"), "2024-07-08") << "no day before the wanted one";
}

TEST_F(Coverage, AnEarlierDayThanCoveredIsAskedFor) {
  note_fetches(lake_, {note("2020-01-01", "2024-07-10")});
  EXPECT_EQ(begins("2019-06-01"), "2019-06-01");
}

TEST_F(Coverage, AHoleBetweenFetchesIsFound) {
  note_fetches(lake_, {note("2015-01-01", "2016-12-31"), note("2020-01-01", "2024-07-10")});
  EXPECT_EQ(begins("2015-01-01"), "2016-12-25");
  EXPECT_EQ(begins(), "2024-07-04");
}

TEST_F(Coverage, EverythingCoversWhateverIsWanted) {
  note_fetches(lake_, {note("", "2024-07-10")});
  EXPECT_EQ(begins("1970-01-01"), "2024-07-04");
}

TEST_F(Coverage, RowsThatNoFetchBroughtCountWhereNoDayIsWanted) {
  lake_.open_or_create(*standard_table("bars_1d"))
      .append({{{"symbol", std::vector<std::string>{"AAA"}},
                {kEventTime, std::vector<std::int64_t>{start_of(day("2024-07-11")).nanoseconds}}}});
  EXPECT_EQ(begins(), "2024-07-04") << "the bar's day is the one that ends at its event";
  EXPECT_EQ(begins("2020-01-01"), "2020-01-01");
}

TEST_F(Coverage, SeriesWithVintagesAreAlwaysAskedForAsAWhole) {
  note_fetches(lake_, {note("2020-01-01", "2024-07-10", "macro")});
  EXPECT_EQ(begins("", "macro"), "");
  EXPECT_EQ(begins("2020-01-01", "macro"), "2020-01-01");
}

}  // namespace
}  // namespace orrery::fetch_coverage_test
