#include "orrery/data/known_time.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "orrery/base/error.h"
#include "orrery/base/files.h"

namespace orrery::known_time_test {
namespace {

/// A case by hand: New York is four hours behind UTC in summer, five in winter.
struct Case {
  const char* table;
  const char* source;
  const char* event;
  const char* published;  ///< "": not told
  const char* day;        ///< "": not told
  const char* known;
};

const Case kCases[] = {
    // A crypto day is known where it ends; joins with stocks go by this time.
    {"bars_1d", "binance", "2024-07-02", "", "", "2024-07-02T00:00:00Z"},
    {"bars_1m", "binance", "2024-07-02T00:01", "", "", "2024-07-02T00:01:00Z"},
    // The close of a whole session in winter and in summer, and of the half day before Independence Day.
    {"bars_1d", "polygon", "2024-01-16T21:00Z", "", "", "2024-01-16T21:15:00Z"},
    {"bars_1d", "polygon", "2024-07-03T17:00Z", "", "", "2024-07-03T17:15:00Z"},
    {"bars_1d", "yahoo", "2024-07-02T20:00Z", "", "", "2024-07-02T20:30:00Z"},
    {"bars_1d", "tiingo", "2024-07-02T20:00Z", "", "", "2024-07-02T21:30:00Z"},
    {"bars_1d", "tiingo", "2024-07-03T17:00Z", "", "", "2024-07-03T21:30:00Z"},
    {"bars_1d", "tiingo", "2024-01-16T21:00Z", "", "", "2024-01-16T22:30:00Z"},
    {"bars_1d", "stooq", "2024-07-02T20:00Z", "", "", "2024-07-02T23:00:00Z"},
    {"trades", "binance", "2024-07-02T01:02:03.004Z", "", "", "2024-07-02T01:02:03.004000000Z"},
    {"quotes", "any", "2024-07-02T01:02:03Z", "", "", "2024-07-02T01:02:03Z"},
    {"funding", "binance", "2024-07-02T08:00Z", "", "", "2024-07-02T08:00:00Z"},
    // Ex-days: a Wednesday; a Saturday, whose next session is Tuesday after Labor Day.
    {"corporate_actions", "yahoo", "2024-07-03", "", "2024-07-03", "2024-07-03T13:30:00Z"},
    {"corporate_actions", "yahoo", "2024-08-31", "", "2024-08-31", "2024-09-03T13:30:00Z"},
    {"corporate_actions", "any", "2024-07-03", "2024-06-20T20:15Z", "2024-07-03", "2024-06-20T20:15:00Z"},
    // EDGAR: by acceptance, else the session after the filing day: a Friday's filing on Monday; the day
    // before Thanksgiving on the half day after it.
    {"fundamentals", "edgar", "2024-04-01", "2024-05-02T20:30:15Z", "2024-05-02", "2024-05-02T20:30:15Z"},
    {"fundamentals", "edgar", "2024-04-01", "", "2024-05-03", "2024-05-06T13:30:00Z"},
    {"fundamentals", "edgar", "2024-10-01", "", "2024-11-27", "2024-11-29T14:30:00Z"},
    // ALFRED: the vintage of 13 February 2024 was published at 8:30 on that day; only the day is told.
    {"macro", "fred", "2024-02-01", "", "2024-02-13", "2024-02-14T14:30:00Z"},
    {"macro", "any", "2024-02-01", "2024-02-13T13:30Z", "", "2024-02-13T13:30:00Z"},
    {"macro", "any", "2024-07-04", "", "", "2024-07-05T13:30:00Z"},  // of the third, known after the fourth
    // A week without a holiday, in winter and summer time; Thanksgiving; the first report after the shutdown
    // of
    // 2018, of Monday the 24th; one of the shutdown of 2025.
    {"positioning", "cftc", "2024-01-10", "", "2024-01-09", "2024-01-12T20:30:00Z"},
    {"positioning", "cftc", "2024-04-24", "", "2024-04-23", "2024-04-26T19:30:00Z"},
    {"positioning", "cftc", "2024-11-27", "", "2024-11-26", "2024-12-02T20:30:00Z"},
    {"positioning", "cftc", "2018-12-25", "", "2018-12-24", "2019-02-01T20:30:00Z"},
    {"positioning", "cftc", "2025-10-01", "", "2025-09-30", "2025-11-19T20:30:00Z"},
    {"membership", "any", "2024-06-24", "", "2024-06-24", "2024-06-24T13:30:00Z"},
    {"membership", "any", "2024-06-24", "2024-06-07T21:15Z", "2024-06-24", "2024-06-07T21:15:00Z"},
    {"instruments", "any", "2024-06-24", "", "2024-06-24", "2024-06-24T13:30:00Z"},
    {"news", "any", "2024-07-02T13:00Z", "2024-07-02T13:05Z", "", "2024-07-02T13:05:00Z"},
    {"news", "any", "2024-07-02", "", "2024-07-02", "2024-07-03T04:00:00Z"},
    {"social", "any", "2024-07-02T13:00Z", "2024-07-02T13:00Z", "", "2024-07-02T13:00:00Z"},
    {"social", "any", "2024-01-02", "", "2024-01-02", "2024-01-03T05:00:00Z"},
};

FactTimes times_of(const Case& tested) {
  FactTimes times{.event = *parse_timestamp(tested.event)};
  times.published = parse_timestamp(tested.published);
  times.day = parse_date(tested.day);
  return times;
}

TEST(KnownTime, FollowsTheRuleOfItsSource) {
  for (const auto& tested : kCases) {
    EXPECT_EQ(to_string(known_time(tested.table, tested.source, times_of(tested))), tested.known)
        << tested.table << " " << tested.source << " " << tested.event << " " << tested.day;
  }
}

TEST(KnownTime, EveryRuleHasACase) {
  std::map<const KnownTimeRule*, int> cases;
  for (const auto& tested : kCases) {
    ++cases[&known_time_rule(tested.table, tested.source, times_of(tested))];
  }
  for (const auto& rule : known_time_rules()) {
    if (rule.apply == nullptr) continue;
    EXPECT_GT(cases[&rule], 0) << rule.facts << " " << rule.source << ": " << rule.known;
  }
}

TEST(KnownTime, ReturnsOfFactorPortfoliosAreNeverAFeature) {
  try {
    known_time("factor_returns", "french", {.event = *parse_timestamp("2024-07-02")});
    FAIL() << "taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(std::string(error.what()).find("never predict"), std::string::npos) << error.what();
  }
}

TEST(KnownTime, ATableWithoutARuleIsNamed) {
  try {
    known_time("weather", "any", {});
    FAIL() << "taken";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("'weather'"), std::string::npos) << error.what();
  }
}

// ORRERY_WRITE_KNOWN_TIMES=1 writes the page's table again; `make docs` does so.
TEST(KnownTime, ThePageHasTheRulesOfTheCode) {
  const std::string path = "docs/point-in-time.md";
  const std::string begin = "<!-- rules -->\n";
  std::string page = read_file(path);
  const auto from = page.find(begin) + begin.size();
  const auto to = page.find("<!-- end of rules -->");
  ASSERT_NE(to, std::string::npos);
  const std::string found = page.substr(from, to - from);
  if (std::getenv("ORRERY_WRITE_KNOWN_TIMES") != nullptr) {
    write_file_atomically(path, page.replace(from, to - from, known_time_page()));
    return;
  }
  EXPECT_EQ(found, known_time_page()) << "run `make docs`";
}

}  // namespace
}  // namespace orrery::known_time_test
