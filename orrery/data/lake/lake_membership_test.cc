#include "orrery/data/lake/lake_membership.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/random.h"
#include "orrery/market/calendar.h"
#include "testing/shared_data.h"
#include "testing/temporary_folder.h"

namespace orrery::lake_membership_test {
namespace {

using testing::TemporaryFolder;

const Date kNotEnded = make_date(9999, 12, 31);

Timestamp at(const char* text) { return *parse_timestamp(text); }

std::string to_text(const std::vector<MembershipInterval>& intervals) {
  std::string text;
  for (const auto& interval : intervals)
    text += interval.symbol + " " + to_string(interval.start) + " " + to_string(interval.end) + "\n";
  return text;
}

TEST(LakeMembership, SomebodyBelongsFromJoiningToTheDayBeforeLeaving) {
  EXPECT_EQ(to_text(members_as_known({{"A", at("2020-01-02"), at("2020-01-02"), true},
                                      {"A", at("2020-03-01"), at("2020-03-01"), false},
                                      {"A", at("2020-05-04"), at("2020-05-04"), true},
                                      {"B", at("2020-02-03"), at("2020-01-15"), true}})),
            "A 2020-01-02 2020-02-29\nA 2020-05-04 9999-12-31\nB 2020-02-03 9999-12-31\n");
}

/// Joined on 2 January, which nobody knew before noon of the 10th; left on 20 January, known on 1 February,
/// and a year later it came out that it had left on the 15th already.
TEST(LakeMembership, WhatCameOutLateShowsLate) {
  const std::vector<MembershipEvent> events = {{"A", at("2020-01-02"), at("2020-01-10T12:00:00Z"), true},
                                               {"A", at("2020-01-20"), at("2020-02-01T00:00:00Z"), false},
                                               {"A", at("2020-01-15"), at("2021-01-01"), false}};
  // Known at midnight that ends 31 January: the decision after that day's close knows it.
  EXPECT_EQ(to_text(members_as_known(events)), "A 2020-01-10 2020-01-30\n");
  EXPECT_EQ(to_text(members_in_hindsight(events)), "A 2020-01-02 2020-01-14\n");
}

TEST(LakeMembership, ACorrectionReplacesItsOwnEventOnly) {
  const std::vector<MembershipEvent> events = {{"A", at("2020-01-02"), at("2020-01-02"), true},
                                               {"A", at("2020-01-02"), at("2020-06-01"), false},
                                               {"A", at("2020-09-01"), at("2020-09-01"), true}};
  EXPECT_EQ(to_text(members_as_known(events)), "A 2020-01-02 2020-05-30\nA 2020-09-01 9999-12-31\n");
  EXPECT_EQ(to_text(members_in_hindsight(events)), "A 2020-09-01 9999-12-31\n");
}

/// Slow reference: each day anew, over all events.
bool is_member(const std::vector<MembershipEvent>& events, const std::string& symbol, Date day) {
  const auto decision = start_of(day + 1);
  const MembershipEvent* last = nullptr;
  for (const auto& event : events) {
    if (event.symbol != symbol || event.known > decision || event.event >= decision) continue;
    const bool later = last == nullptr || event.event > last->event ||
                       (event.event == last->event && event.known >= last->known);
    if (later) last = &event;
  }
  return last != nullptr && last->is_member;
}

TEST(LakeMembership, IsWhatEachDayCouldKnow) {
  Random random(11);
  const Date first = make_date(2020, 1, 1);
  const std::vector<std::string> symbols = {"A", "B", "C"};
  constexpr std::int64_t kHour = 3'600'000'000'000;
  for (int round = 0; round < 300; ++round) {
    std::vector<MembershipEvent> events;
    for (int i = 0; i < 12; ++i) {
      const auto event = start_of(first + static_cast<int>(random.below(20)));
      const auto late =
          static_cast<std::int64_t>(random.below(10 * 24)) * kHour * (random.below(2) == 0 ? 1 : 0);
      events.push_back({symbols[random.below(3)],
                        {event.nanoseconds + (random.below(3) == 0 ? 14 * kHour : 0)},
                        {event.nanoseconds + late},
                        random.below(2) == 0});
    }
    const auto intervals = members_as_known(events);
    for (const auto& symbol : symbols) {
      for (Date day = first - 2; day < first + 40; day = day + 1) {
        const bool covered = std::any_of(intervals.begin(), intervals.end(), [&](const auto& interval) {
          return interval.symbol == symbol && interval.start <= day && day <= interval.end;
        });
        ASSERT_EQ(covered, is_member(events, symbol, day))
            << round << " " << symbol << " " << to_string(day) << "\n"
            << to_text(intervals);
      }
    }
  }
}

struct MembershipLake : ::testing::Test {
  MembershipImport take(const std::string& text, const char* retrieved) {
    write_file_atomically(folder.path() / "members.csv", "symbol,start,end\n" + text);
    Lake lake(view().folder);
    return import_membership(lake, folder.path() / "members.csv", "index", {"hand", at(retrieved), {}});
  }
  LakeView view(const char* as_of = nullptr) const {
    LakeView view;
    view.folder = folder.path() / "lake";
    if (as_of != nullptr) view.as_of = at(as_of);
    return view;
  }
  std::string known(const char* as_of = nullptr) const {
    return to_text(members_as_known(read_lake_membership(view(as_of), "index").events));
  }
  TemporaryFolder folder;
};

TEST_F(MembershipLake, GivesBackTheIntervalsOfAFile) {
  const auto done = take("A,2010-01-04,2015-06-30\nA,2016-02-01,\nB,2012-05-01,2013-05-01\n", "2020-01-01");
  EXPECT_EQ(done.intervals, 3u);
  EXPECT_EQ(done.symbols, 2u);
  EXPECT_EQ(done.events.added, 5u);
  EXPECT_EQ(known(), "A 2010-01-04 2015-06-30\nA 2016-02-01 9999-12-31\nB 2012-05-01 2013-05-01\n");
  EXPECT_EQ(known("2014-01-01"), "A 2010-01-04 9999-12-31\nB 2012-05-01 2013-05-01\n");
}

TEST_F(MembershipLake, TakesAFileAgainWithoutADouble) {
  take("A,2010-01-04,\n", "2020-01-01");
  const auto again = take("A,2010-01-04,2020-03-31\n", "2020-05-01");
  EXPECT_EQ(again.events.same, 1u);
  EXPECT_EQ(again.events.added, 1u);
  EXPECT_EQ(known(), "A 2010-01-04 2020-03-31\n");
}

TEST_F(MembershipLake, NamesTheUniversesThatItHas) {
  take("A,2010-01-04,\n", "2020-01-01");
  try {
    read_lake_membership(view(), "indx");
    FAIL() << "an unknown universe was read";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'index'"), std::string::npos) << error.what();
  }
  EXPECT_THROW(read_lake_membership(view("2009-01-01"), "index"), Error);
}

using Days = std::set<std::pair<std::string, Date>>;

Days days_of(const std::vector<MembershipInterval>& intervals) {
  const auto sessions = find_calendar("XNYS");
  Days days;
  for (const auto& interval : intervals) {
    const Date last = std::min(interval.end, make_date(2025, 12, 31));
    for (Date day = interval.start; day <= last; day = day + 1) {
      if (sessions.is_session(day)) days.emplace(interval.symbol, day);
    }
  }
  return days;
}

/// The S&P 500's list as events and back: each name belongs on the same sessions.
TEST_F(MembershipLake, KeepsTheRealIndex) {
  ORRERY_SHARED_OR_SKIP(file, "data/universe_sp500/fja05680-sp500__sp500_ticker_start_end.csv");
  Lake lake(view().folder);
  import_membership(lake, file, "index", {"list", at("2026-01-01"), {}});
  const auto days = days_of(members_as_known(read_lake_membership(view(), "index").events));
  EXPECT_GT(days.size(), 3'000'000u);
  EXPECT_EQ(days, days_of(read_membership(file)));
}

}  // namespace
}  // namespace orrery::lake_membership_test
