// What a lake's health and its sources' disagreements say of small markets whose faults were put there.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/data_health.h"
#include "orrery/data/lake/disagreements.h"
#include "orrery/data/lake/fetch_coverage.h"
#include "orrery/data/text_codes.h"
#include "orrery/market/calendar.h"
#include "testing/temporary_folder.h"

namespace orrery::data_quality_test {
namespace {

Date day(const char* text) { return *parse_date(text); }

struct Bar {
  std::string symbol, source;
  Date date;
  double close = 0.0;
  int hour = 20;  ///< of the close, UTC; 24: the end of the day
  std::int64_t retrieved = 1;
};

class Quality : public ::testing::Test {
 protected:
  void add(const std::vector<Bar>& bars, const std::string& table = "bars_1d") {
    TextCodes symbols, sources;
    std::vector<double> closes;
    std::vector<std::int64_t> events, retrieved;
    for (const auto& bar : bars) {
      symbols.append(symbols.code(bar.symbol));
      sources.append(sources.code(bar.source));
      closes.push_back(bar.close);
      events.push_back(start_of(bar.date).nanoseconds + bar.hour * 3'600'000'000'000);
      retrieved.push_back(bar.retrieved * 1'000'000'000);
    }
    lake_.open_or_create(*standard_table(table))
        .append({{{"symbol", symbols.take()},
                  {"close", closes},
                  {kEventTime, events},
                  {kKnownTime, events},
                  {kRetrievedTime, retrieved},
                  {kSource, sources.take()}}});
  }

  std::vector<SymbolHealth> health(const char* now, const std::string& calendar = "") {
    return check_health(lake_, {.calendar = calendar, .now = *parse_timestamp(now)});
  }

  testing::TemporaryFolder folder_;
  Lake lake_{folder_.path()};
};

std::vector<Bar> bars_on(const std::string& symbol, const std::vector<Date>& days, int hour = 20) {
  std::vector<Bar> bars;
  for (const auto& date : days) bars.push_back({symbol, "yahoo", date, 10.0, hour});
  return bars;
}

using HealthTest = Quality;

TEST_F(HealthTest, AWholeSpanIsWholeOverHolidaysAndWeekends) {
  add(bars_on("AAA", find_calendar("XNYS").sessions(day("2024-06-28"), day("2024-07-12"))));
  const auto found = health("2024-07-15T12:00Z");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].calendar, "XNYS");
  EXPECT_EQ(found[0].missing, 0U);
  EXPECT_EQ(found[0].late, 0U) << "the session of today may still run";
  EXPECT_EQ(health("2024-07-16T12:00Z")[0].late, 1U);
}

TEST_F(HealthTest, GapsAreNamedBySessionsNotDays) {
  add(bars_on("AAA", {day("2024-07-01"), day("2024-07-05"), day("2024-07-08"), day("2024-07-10")}));
  const auto found = health("2024-07-11T12:00Z");
  EXPECT_EQ(found[0].missing, 3U) << "Independence Day is no session";
  ASSERT_EQ(found[0].gaps.size(), 2U);
  EXPECT_EQ(found[0].gaps[0].first, day("2024-07-02"));
  EXPECT_EQ(found[0].gaps[0].last, day("2024-07-03"));
  EXPECT_EQ(found[0].gaps[1].sessions, 1U);
}

TEST_F(HealthTest, CryptoIsExpectedEveryDay) {
  add(bars_on("BTCUSDT", {day("2024-07-05"), day("2024-07-06"), day("2024-07-08")}, 24));
  const auto found = health("2024-07-10T12:00Z");
  EXPECT_EQ(found[0].calendar, "24/7");
  EXPECT_EQ(found[0].missing, 1U);
  EXPECT_EQ(found[0].late, 1U);
  EXPECT_EQ(health("2024-07-10T12:00Z", "XNYS")[0].missing, 0U);
  EXPECT_THROW(health("2024-07-10T12:00Z", "XLON"), Error);
}

TEST_F(HealthTest, SourcesStandApartAndTheLastFetchCounts) {
  add({{"AAA", "yahoo", day("2024-07-01"), 1.0, 20, 50}, {"AAA", "tiingo", day("2024-07-02"), 1.0, 20, 60}});
  note_fetches(lake_, {{"bars_1d", "AAA", "yahoo", {}, day("2024-07-02"), 0, {99'000'000'000}}});
  const auto found = health("2024-07-03T12:00Z");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].source, "tiingo");
  EXPECT_EQ(found[0].retrieved, (Timestamp{60'000'000'000}));
  EXPECT_EQ(found[1].late, 1U);
  EXPECT_EQ(found[1].retrieved, (Timestamp{99'000'000'000}));
}

TEST_F(HealthTest, WhatIsMissingIsFoundWhereverItWasTakenOut) {
  Random random(3);
  const auto sessions = find_calendar("XNYS").sessions(day("2023-01-03"), day("2024-06-28"));
  std::map<std::string, std::size_t> removed;
  for (int symbol = 0; symbol < 12; ++symbol) {
    const std::string name = fmt::format("S{}", symbol);
    std::vector<Date> days = {sessions.front()};
    for (std::size_t i = 1; i + 1 < sessions.size(); ++i) {
      if (random.below(10) != 0) days.push_back(sessions[i]);
    }
    days.push_back(sessions.back());
    removed[name] = sessions.size() - days.size();
    add(bars_on(name, days));
  }
  for (const auto& one : health("2024-06-29T12:00Z")) {
    EXPECT_EQ(one.missing, removed.at(one.symbol)) << one.symbol;
    EXPECT_EQ(one.late, 0U);
  }
}

using DisagreementTest = Quality;

TEST_F(DisagreementTest, SaysWhereSourcesDifferAndByHowMuch) {
  add({{"AAA", "yahoo", day("2024-07-01"), 100.0},
       {"AAA", "yahoo", day("2024-07-02"), 101.0},
       {"AAA", "yahoo", day("2024-07-03"), 102.0},
       {"AAA", "tiingo", day("2024-07-01"), 100.0},
       {"AAA", "tiingo", day("2024-07-02"), 100.0, 24},  // the same day, whatever hour it is put at
       {"AAA", "tiingo", day("2024-07-03"), 102.0},
       {"BBB", "yahoo", day("2024-07-01"), 5.0}});
  const auto found = find_disagreements(lake_, {});
  ASSERT_EQ(found.columns.size(), 1U) << "only the close has values";
  const auto& close = found.columns[0];
  EXPECT_EQ(close.column, "close");
  EXPECT_EQ(close.first_source, "tiingo");
  EXPECT_EQ(close.compared, 3U);
  EXPECT_EQ(close.differing, 1U);
  EXPECT_DOUBLE_EQ(close.median, 1.0 / 101.0);
  ASSERT_EQ(found.largest.size(), 1U);
  EXPECT_EQ(found.largest[0].day, day("2024-07-02"));
  EXPECT_EQ(found.largest[0].first, 100.0);
  EXPECT_EQ(found.largest[0].second, 101.0);
}

TEST_F(DisagreementTest, RoundingIsNone) {
  add({{"AAA", "yahoo", day("2024-07-01"), 100.0}, {"AAA", "tiingo", day("2024-07-01"), 100.00005}});
  EXPECT_EQ(find_disagreements(lake_, {}).columns.at(0).differing, 0U);
  EXPECT_EQ(find_disagreements(lake_, {.tolerance = 1e-9}).columns.at(0).differing, 1U);
}

TEST_F(DisagreementTest, TheLatestAccountOfEachSourceCounts) {
  add({{"AAA", "yahoo", day("2024-07-01"), 99.0, 20, 1},
       {"AAA", "tiingo", day("2024-07-01"), 100.0, 20, 2},
       {"AAA", "yahoo", day("2024-07-01"), 100.0, 20, 3}});
  EXPECT_EQ(find_disagreements(lake_, {}).columns.at(0).differing, 0U) << "yahoo has mended its value";
}

TEST_F(DisagreementTest, CountsWhatOnlyOneOfThemHas) {
  add({{"AAA", "yahoo", day("2024-06-28"), 1.0},  // before the other begins
       {"AAA", "yahoo", day("2024-07-01"), 1.0},
       {"AAA", "yahoo", day("2024-07-02"), 1.0},
       {"AAA", "yahoo", day("2024-07-03"), 1.0},
       {"AAA", "tiingo", day("2024-07-01"), 1.0},
       {"AAA", "tiingo", day("2024-07-03"), 1.0}});
  const auto found = find_disagreements(lake_, {});
  ASSERT_EQ(found.facts.size(), 1U);
  EXPECT_EQ(found.facts[0].facts, 2U);
  EXPECT_EQ(found.facts[0].only_first, 0U);
  EXPECT_EQ(found.facts[0].only_second, 1U);
}

TEST_F(DisagreementTest, AMissingValueIsADifference) {
  add({{"AAA", "yahoo", day("2024-07-01"), std::numeric_limits<double>::quiet_NaN()},
       {"AAA", "tiingo", day("2024-07-01"), 1.0}});
  const auto found = find_disagreements(lake_, {});
  EXPECT_EQ(found.largest.at(0).difference, 1.0);
  EXPECT_TRUE(std::isnan(found.largest.at(0).second));
}

/// Oracle: two plain maps.
TEST_F(DisagreementTest, AgreesWithTheSlowWay) {
  Random random(5);
  std::map<std::pair<std::string, Date>, std::map<std::string, double>> facts;
  std::vector<Bar> bars;
  for (int i = 0; i < 3000; ++i) {
    const Bar bar{fmt::format("S{}", random.below(5)),
                  random.below(2) == 0 ? "a" : "b",
                  day("2024-01-01") + static_cast<int>(random.below(200)),
                  1.0 + static_cast<double>(random.below(3)),
                  20,
                  i + 1};
    facts[{bar.symbol, bar.date}][bar.source] = bar.close;
    bars.push_back(bar);
  }
  add(bars);
  std::size_t compared = 0, differing = 0;
  for (const auto& [fact, accounts] : facts) {
    if (accounts.size() < 2) continue;
    ++compared;
    differing += accounts.at("a") == accounts.at("b") ? 0 : 1;
  }
  const auto found = find_disagreements(lake_, {.largest = 10000});
  EXPECT_EQ(found.columns.at(0).compared, compared);
  EXPECT_EQ(found.columns.at(0).differing, differing);
  EXPECT_EQ(found.largest.size(), differing);
  EXPECT_TRUE(std::is_sorted(found.largest.begin(), found.largest.end(),
                             [](const auto& a, const auto& b) { return a.difference > b.difference; }));
}

}  // namespace
}  // namespace orrery::data_quality_test
