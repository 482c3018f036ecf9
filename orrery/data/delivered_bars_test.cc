#include "orrery/data/delivered_bars.h"

#include <gtest/gtest.h>

#include "orrery/base/error.h"
#include "orrery/data/append_table.h"

namespace orrery::delivered_bars_test {
namespace {

Table bars(const std::vector<std::string>& days, const std::vector<double>& closes) {
  std::vector<Date> dates;
  for (const auto& day : days) dates.push_back(*parse_date(day));
  return {{{"date", dates}, {"close", closes}}};
}

BarExpectation expected(const std::string& end, const std::string& now = "2024-08-01T00:00:00Z") {
  BarExpectation all;
  all.end = parse_date(end);
  all.now = *parse_timestamp(now);
  all.calendar = find_calendar("XNYS");
  return all;
}

TEST(DoubtBars, HolidaysAreNoGapAndNotStale) {
  const Table week = bars({"2024-07-02", "2024-07-03", "2024-07-05"}, {1, 1.1, 1.2});
  EXPECT_EQ(doubt_bars(week, nullptr, expected("2024-07-05")), std::nullopt);
  EXPECT_EQ(doubt_bars(week, nullptr, expected("2024-07-07")), std::nullopt);
  EXPECT_EQ(doubt_bars(week, nullptr, expected("2024-07-31", "2024-07-08T20:00:00Z")), std::nullopt)
      << "the session of today may still run";
}

TEST(DoubtBars, NamesWhatSpeaksAgainstThem) {
  EXPECT_EQ(doubt_bars(bars({}, {}), nullptr, expected("2024-07-05")), "no bars");
  EXPECT_EQ(doubt_bars(bars({"2024-07-02"}, {1}), nullptr, expected("2024-07-05")),
            "stale: the last bar is of 2024-07-02, a bar of 2024-07-05 expected");
  EXPECT_EQ(doubt_bars(bars({"2024-06-03", "2024-07-05"}, {1, 1}), nullptr, expected("2024-07-05")),
            "gap: 21 sessions missing between 2024-06-03 and 2024-07-05");
  const Table jump = bars({"2024-07-03", "2024-07-05"}, {1, 100});
  EXPECT_EQ(doubt_bars(jump, nullptr, expected("2024-07-05")),
            "implausible: close 100 on 2024-07-05 after 1 on 2024-07-03");
  const Table action = bars({"2024-07-05"}, {0});
  EXPECT_EQ(doubt_bars(jump, &action, expected("2024-07-05")), std::nullopt) << "an action explains it";
}

TEST(DoubtBars, NothingIsMissingWhereThereWasNoSession) {
  BarExpectation weekend = expected("2024-07-07");
  weekend.begin = parse_date("2024-07-06");
  EXPECT_EQ(doubt_bars(bars({}, {}), nullptr, weekend), std::nullopt);
  weekend.begin = parse_date("2024-07-05");
  EXPECT_EQ(doubt_bars(bars({}, {}), nullptr, weekend), "no bars");
}

TEST(AppendRows, CodesTextsAnew) {
  Table target = {{{"symbol", DictionaryStrings{{0, -1}, {"A"}}}, {"x", std::vector<double>{1, 2}}}};
  append_rows(target,
              {{{"symbol", DictionaryStrings{{1, 0, -1}, {"A", "B"}}}, {"x", std::vector<double>{3, 4, 5}}}});
  const auto& symbols = std::get<DictionaryStrings>(target.column("symbol").values);
  EXPECT_EQ(symbols.codes, (std::vector<std::int32_t>{0, -1, 1, 0, -1}));
  EXPECT_EQ(symbols.dictionary, (std::vector<std::string>{"A", "B"}));
  EXPECT_THROW(append_rows(target, {{{"x", std::vector<double>{1}}}}), Error);
}

}  // namespace
}  // namespace orrery::delivered_bars_test
